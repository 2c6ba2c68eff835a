import pytest
import torch
from conftest import SEED, seed_texts
from tokenizers import Tokenizer

from stance.encoder.relearn import pieces_a_word, relearn_vocabulary, start_embeddings
from stance.encoder.vocabulary import BEGIN, END, MASK, PADDING, UNKNOWN, build_tokenizer, save_tokenizer
from stance.errors import InputError, StanceError

LETTERS = sorted(set("".join(seed_texts())) - set(" "))
OLD = [(name, 0.0) for name in (BEGIN, PADDING, END, UNKNOWN)]
OLD += [("▁", -2.0), *((letter, -6.0) for letter in LETTERS), ("▁ال", -3.0), ("ية", -4.0), (MASK, 0.0)]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoder") / "old"
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(OLD), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
        ),
        add_pooling_layer=False,
    ).save_pretrained(folder)
    save_tokenizer(build_tokenizer(OLD), 512, folder)
    return folder


@pytest.fixture(scope="module")
def relearnt(encoder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder") / "new"
    return folder, relearn_vocabulary(encoder, [SEED], 300, folder)


def test_words_take_fewer_pieces_and_no_letter_is_lost(encoder, relearnt):
    folder, report = relearnt
    old, new = (Tokenizer.from_file(str(path / "tokenizer.json")) for path in (encoder, folder))
    assert report.pieces_a_word_after < 0.7 * report.pieces_a_word_before
    assert pieces_a_word(new, seed_texts()) < 0.7 * pieces_a_word(old, seed_texts())
    unknown = new.token_to_id(UNKNOWN)
    assert not any(unknown in new.encode(text).ids for text in seed_texts())
    assert all(new.token_to_id(letter) is not None for letter in LETTERS)


def test_offsets_still_point_into_the_raw_text(relearnt):
    tokenizer = Tokenizer.from_file(str(relearnt[0] / "tokenizer.json"))
    text = "أدانَ «خاجي» الهجمـات"
    offsets = [pair for pair in tokenizer.encode(text, add_special_tokens=False).offsets if pair[0] < pair[1]]
    assert (offsets[0][0], offsets[-1][1]) == (0, len(text))


def test_new_embeddings_are_the_mean_of_the_old_pieces(encoder):
    from transformers import BertModel

    old = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    weights = BertModel.from_pretrained(encoder, add_pooling_layer=False).get_input_embeddings().weight.detach()
    found = start_embeddings(old, weights, [("▁ال", 0.0), ("▁الحربية", 0.0)])
    assert torch.equal(found[0], weights[old.token_to_id("▁ال")])
    parts = [old.token_to_id(piece) for piece in ("▁ال", "ح", "ر", "ب", "ية")]
    assert torch.allclose(found[1], weights[parts].mean(0))


def test_the_new_folder_loads_with_its_padding_and_special_tokens(relearnt):
    from transformers import AutoModel, AutoTokenizer

    folder, report = relearnt
    model, tokenizer = AutoModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    assert model.config.vocab_size == len(tokenizer) == report.pieces
    assert model.config.pad_token_id == tokenizer.pad_token_id == 1
    assert tokenizer.convert_tokens_to_ids([BEGIN, END, MASK]) == [0, 2, report.pieces - 1]


def test_bad_input_is_named_and_leaves_nothing_behind(encoder, tmp_path):
    with pytest.raises(InputError, match=r"none\.txt: cannot be read"):
        relearn_vocabulary(encoder, [tmp_path / "none.txt"], 300, tmp_path / "out")
    with pytest.raises(StanceError, match="not an encoder folder"):
        relearn_vocabulary(tmp_path, [SEED], 300, tmp_path / "out")
    assert not any(tmp_path.iterdir())
