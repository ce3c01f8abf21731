"""How well is it found: ours against no morphology, Snowball and Tantivy, in one run over judged questions.

`python -m tests.relevance --data FOLDER` takes every folder of `retrieval/` (`corpus.jsonl.gz`, `queries.jsonl`,
`qrels.tsv`) and the pairs of form and lemma in `morph/ud_gsd.tsv`; without a folder it asks for the bodies of the
bundled articles by their headlines.

Every system is asked for any of a question's words and gives its first hundred. "none" and "snowball" are BM25
(k1 = 1.2, b = 0.75) over one text; "snowball" leaves out Snowball's stop words, as Elasticsearch's analyzer `russian`
does. "tantivy" cuts, lowers and stems by itself. "ours" is the product: its writer builds the index, `Archive.search`
answers. A word form is found when it shares a term with its dictionary form. A false merge is a pair of lemmas that
share a term, be it by their dictionary forms alone or by any form of theirs in the data.
"""
