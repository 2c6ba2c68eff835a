"""Give an encoder a vocabulary learnt on raw text of one's own; new embeddings start from the old pieces'."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from stance.encoder.vocabulary import (
    BEGIN,
    END,
    MASK,
    PADDING,
    SPACE,
    UNKNOWN,
    build_tokenizer,
    is_kept,
    save_tokenizer,
)
from stance.errors import StanceError
from stance.formats.folder import folder_under_final_name
from stance.formats.paragraphs import read_paragraphs

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

SPECIALS = (BEGIN, PADDING, END, UNKNOWN, MASK)
PARAGRAPHS_AT_ONCE = 1000
SAMPLE_PARAGRAPHS = 2000


@dataclass(frozen=True, slots=True)
class RelearnReport:
    """Pieces of the new vocabulary, how many of them the old one had, and pieces a word before and after."""

    pieces: int
    taken_over: int
    pieces_a_word_before: float
    pieces_a_word_after: float


def relearn_vocabulary(encoder: Path, texts: Sequence[Path], size: int, output: Path) -> RelearnReport:
    """Write the encoder with a unigram vocabulary learnt on raw text.

    A piece that the old vocabulary has keeps its embedding; every other starts as the mean of the embeddings of the old
    pieces that it was read as (Gee et al., 2022, "Fast Vocabulary Transfer for Language Model Compression"). The
    encoder must then read raw text (`stance pretrain`) before it is any good.

    Args:
        encoder: a folder that `build_encoder` wrote.
        texts: raw text, a paragraph a line, each also .gz.
        size: how many pieces to learn; letters and signs of the old vocabulary that the texts lack come on top.
        output: folder to write; it must not exist or be empty.

    Raises:
        StanceError: `encoder` is no such folder, `output` holds something already, or a text cannot be read.
    """
    from transformers import AutoTokenizer, BertModel

    try:
        tokenizer = AutoTokenizer.from_pretrained(encoder)
        model = BertModel.from_pretrained(encoder, add_pooling_layer=False)
    except (OSError, ValueError) as error:
        raise StanceError(f"{encoder}: not an encoder folder: {error}") from error
    old = tokenizer.backend_tokenizer
    with folder_under_final_name(output) as partial:
        pieces = learn_pieces(old, texts, size)
        new = build_tokenizer(pieces)
        old_embedding = model.get_input_embeddings().weight.detach()
        model.resize_token_embeddings(len(pieces))
        model.get_input_embeddings().weight.data.copy_(start_embeddings(old, old_embedding, pieces))
        model.config.pad_token_id = new.token_to_id(PADDING)
        model.save_pretrained(partial)
        save_tokenizer(new, model.config.max_position_embeddings, partial)
        sample = list(islice(read_paragraphs(texts), SAMPLE_PARAGRAPHS))
        known = old.get_vocab()
        return RelearnReport(
            len(pieces),
            sum(piece in known for piece, _ in pieces),
            pieces_a_word(old, sample),
            pieces_a_word(new, sample),
        )


def learn_pieces(old: Tokenizer, texts: Sequence[Path], size: int) -> list[tuple[str, float]]:
    """Learn unigram pieces with their scores (Kudo, 2018) on text cleaned and split as the old tokenizer does it."""
    from tokenizers import Tokenizer, models, trainers

    learner = Tokenizer(models.Unigram())
    learner.normalizer = old.normalizer
    learner.pre_tokenizer = old.pre_tokenizer
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=list(SPECIALS), unk_token=UNKNOWN, show_progress=True
    )
    learner.train_from_iterator(_batches(texts), trainer)
    scores: list[tuple[str, float]] = json.loads(learner.to_str())["model"]["vocab"]
    learnt = {piece: score for piece, score in scores if piece not in SPECIALS and is_kept(piece)}
    lowest = min(learnt.values(), default=0.0)
    letters = [piece for piece in old.get_vocab() if len(piece.removeprefix(SPACE)) <= 1 and piece not in SPECIALS]
    missing = {piece: lowest for piece in sorted(letters) if piece not in learnt}
    return [(name, 0.0) for name in SPECIALS[:-1]] + [*learnt.items(), *missing.items(), (MASK, 0.0)]


def start_embeddings(old: Tokenizer, embedding: torch.Tensor, pieces: Sequence[tuple[str, float]]) -> torch.Tensor:
    """Return (pieces, hidden size): each piece's own old embedding, or the mean of those it was read as."""
    import torch

    rows = []
    for piece, _ in pieces:
        own = old.token_to_id(piece)
        ids = [own] if own is not None else [token.id for token in old.model.tokenize(piece)]
        rows.append(embedding[ids].mean(0))
    return torch.stack(rows)


def pieces_a_word(tokenizer: Tokenizer, paragraphs: Sequence[str]) -> float:
    """Return how many pieces a run without white space takes in the mean."""
    pieces = sum(len(encoding.ids) for encoding in tokenizer.encode_batch(paragraphs, add_special_tokens=False))
    return pieces / sum(len(paragraph.split()) for paragraph in paragraphs)


def _batches(texts: Sequence[Path]) -> Iterator[list[str]]:
    paragraphs = read_paragraphs(texts)
    while batch := list(islice(paragraphs, PARAGRAPHS_AT_ONCE)):
        yield batch
