"""A tiny encoder and a tiny checkpoint, made here, so that tests need no network and no time."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT / "seeds" / "000_eb6746986b947118.txt"
SEED_SENTENCES = ROOT / "data" / "seeds.jsonl"


def seed_texts() -> list[str]:
    return [json.loads(line)["text"] for line in SEED_SENTENCES.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT of AraBERT's format: WordPiece vocabulary of the seed article, config, weights."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-bert")
    # Made by hand, because a trained vocabulary differs from run to run where pieces are equally frequent.
    words = Counter(re.findall(r"\w+", re.sub("[\u064b-\u0652]", "", " ".join(seed_texts()))))
    letters = sorted(set("".join(words)) | set("0123456789.,!:()[]«»-،؛؟"))
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    frequent = sorted(word for word, count in words.items() if count > 1 and len(word) > 1)
    pieces = [*specials, *letters, *(f"##{letter}" for letter in letters), *frequent, "##ات", "##ية", "##ين", "##ها"]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64, pad_token_id=0,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_max_length=64,
    ).save_pretrained(folder)  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint folder with untrained heads whose scores are spread enough to make every kind of span."""
    import torch

    from stance.model.checkpoint import new_checkpoint

    torch.manual_seed(3)
    checkpoint = new_checkpoint(str(tiny_encoder), "arabert", 0.0, 0.0, 64)
    with torch.no_grad():
        for name, parameter in checkpoint.model.named_parameters():
            if not name.startswith("encoder.") and parameter.ndim > 1:
                parameter.mul_(40)
    folder = tmp_path_factory.mktemp("tiny-stance") / "tiny-stance"
    checkpoint.save(folder)
    return folder
