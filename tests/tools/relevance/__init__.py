"""How well is it found: ours against no morphology, Snowball, lemmas and Tantivy, in one run over judged questions.

`python -m tests.tools.relevance --data FOLDER` takes every folder of `retrieval/` (`corpus.jsonl.gz`, `queries.jsonl`,
`qrels.tsv`) and the pairs of form and lemma in `morph/ud_gsd.tsv`; without a folder it asks for the bodies of the
bundled articles by their headlines.

"served" is what a reader gets: the question as it was typed, asked of `Archive.search` with its defaults, over an index
that the product's writer built. All others are asked for any of a question's words: "any" is the same product; "none",
"snowball" and "lemmas" are BM25 (k1 = 1.2, b = 0.75) over one text, the last by the likeliest lemma of pymorphy3;
"snowball" leaves out Snowball's stop words, as Elasticsearch's analyzer `russian` does; "tantivy" cuts, lowers and
stems by itself. Each gives its first hundred. The gain over "snowball" has an interval of 95 % by paired bootstrap
(Sakai 2006). Constants are tuned on one half of the questions and reported on the other: `--half`.

A word form is found when it shares a term with its dictionary form. A false merge is a pair of lemmas that share a
term, be it by their dictionary forms alone or by any form of theirs in the data.

Near-copies are judged by MinHash over shingles of three words, headline and text, of the newspapers in `news/`: pairs
with a Jaccard similarity of 0.8 are copies. A pair is short where both texts are too short to compare sentences.
"""
