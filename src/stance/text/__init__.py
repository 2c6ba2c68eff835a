"""Arabic text: sentences with their offsets, words, and the clean-up that the tokenizer carries."""

from stance.text.sentences import Piece, sentence_spans, split_sentences

__all__ = ["Piece", "sentence_spans", "split_sentences"]
