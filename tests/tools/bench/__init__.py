"""The measurement against peers: how fast, how large and how lean the embedded engine is, as ratios inside one run.

`python -m tests.tools.bench --data FOLDER` composes its corpora with the folder's `tools/compose.py` and asks the
questions of its `news/queries.tsv`; without a folder it makes do with the bundled sample.

What is compared. Every peer indexes the same articles and keeps each of them as JSON beside the index. It is fed one
Snowball term a word, made by our analyzer, the parts of hyphenated words apart; title, lead and text are one searchable
text over whose seams no phrase reaches. Every peer is asked the same questions, parsed by our parser (inside the
timing), one at a time in one thread, and gives the same answer: the exact total, the ten first articles read from
where they are kept, and the facets. Those are counted as the archive shows them: the years of all matches whatever the
period asked for, so that its neighbours stay in sight; the months of the chosen year; the 20 most frequent authors and
the sections of the matches in the period. Before anything is timed, totals and facets of all peers must be equal for
every question. "ours" does it with the same terms, and knows no people, whom nobody else is asked for; "ours-people"
counts them as well. Tags are counted by ours, Tantivy and OpenSearch. "ours-full" is the whole product: `indexer
rebuild` as a command, then `Archive.search` without snippets (several terms a word, synonyms, and so other totals).
Ours also keeps the exact forms, author and section as words, and the parts of the text apart for ranking; no peer is
asked for that.

"tantivy-narrow" is Tantivy spared the neighbours: with a period, its facets count the matches in the period alone. It
answers less than is asked, and bounds from below what another way to get at the years could bring.

"served" is what readers get: `web.wsgi:app` behind gunicorn as it ships, over the index of "ours-full", route by route;
with snippets, facets, folding and pages. Its cost is the CPU time of the serving process, as a multiple of what
`/healthz` takes there. "tantivy-served" is Tantivy behind a minimal Flask view that answers the same JSON, snippets and
facets included, with its own parser and stemmer. "ours-cluster" is our engine on OpenSearch, with the same terms as
all, asked from Python as the archive asks it.

"opensearch" answers over HTTP, from a cluster that runs already (ARKHIV_TEST_OPENSEARCH): its times hold that way, its
first ones also the warming up of its virtual machine, and what it takes is not in its figures.

How it is timed. A process per peer, so that none lives in another's memory. Each question is asked once to warm up;
then the peers take turns, some dozens of questions at a time, for a number of rounds. A question's time is the median
of its rounds; p50 and p95 are over the questions of a kind. No peer keeps results from one question to the next.
"""
