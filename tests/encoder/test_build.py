import numpy as np
import pytest
from conftest import SEED, seed_texts

from stance.encoder import packed
from stance.encoder.build import CHECK_FILE, build_encoder, compare_with_engine
from stance.encoder.vocabulary import is_kept
from stance.errors import MissingDependencyError, StanceError


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder") / "compact"
    return folder, build_encoder(folder)


@pytest.mark.slow
def test_encoder_agrees_with_the_source_engine(built):
    folder, report = built
    assert report.sentences == 15
    assert report.lowest_cosine > 0.999
    assert min(compare_with_engine(folder, seed_texts()[:2])) > 0.999


@pytest.mark.slow
def test_encoder_is_a_normal_transformers_folder(built):
    from transformers import AutoModel, AutoTokenizer

    folder, report = built
    assert {path.name for path in folder.iterdir()} >= {"config.json", "model.safetensors", "tokenizer.json"}
    model, tokenizer = AutoModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    assert model.config.vocab_size == len(tokenizer) == report.pieces < 30_000
    text = "أدانَ «خاجي» الهجمـات في ٢٠٢٤"
    encoded = tokenizer(text, return_offsets_mapping=True, return_tensors="pt")
    offsets = encoded.pop("offset_mapping")[0].tolist()
    assert (offsets[1][0], offsets[-2][1]) == (0, len(text))
    assert model(**encoded).last_hidden_state.shape[-1] == 384
    assert tokenizer.unk_token_id not in tokenizer(seed_texts())["input_ids"][0]


@pytest.mark.slow
def test_a_folder_that_holds_something_is_left_alone(built):
    with pytest.raises(StanceError, match="not empty"):
        build_encoder(built[0])


def test_check_sentences_are_the_seed_article():
    assert (SEED.parent.parent / "src/stance/encoder" / CHECK_FILE).read_bytes() == SEED.read_bytes()


def test_blocks_are_dequantised_as_the_source_describes():
    scale = np.array([0.5], "<f2").view(np.uint8)
    nibbles = np.arange(16, dtype=np.uint8) | (np.arange(15, -1, -1, dtype=np.uint8) << 4)
    weights = packed.dequantise(np.concatenate([scale, nibbles]))
    assert weights.tolist() == [(value - 8) / 2 for value in (*range(16), *range(15, -1, -1))]


@pytest.mark.parametrize(
    ("content", "message"), [(b"GGUF" + bytes(100), "not a packed encoder"), (packed.MAGIC + bytes(20), "is damaged")]
)
def test_a_wrong_file_is_named(tmp_path, content, message):
    path = tmp_path / "weights.bin"
    path.write_bytes(content)
    with pytest.raises(StanceError, match=message):
        packed.read_packed(path)
    with pytest.raises(StanceError, match="cannot read the packed encoder"):
        packed.read_packed(tmp_path / "nothing.bin")


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(packed.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'stance\[encoder\]'"):
        packed.packed_file()


@pytest.mark.parametrize(
    ("piece", "kept"),
    [("▁غزة", True), ("ات", True), ("▁2024", True), ("▁،", True), ("»", True), ("▁UN", True), ("é", True), ("▁", True),
     ("▁Deutschland", False), ("привет", False), ("中国", False), ("غزةa", False), ("٢٠", False), ("مـ", False)],
)  # fmt: skip
def test_which_pieces_are_kept(piece, kept):
    assert is_kept(piece) == kept
