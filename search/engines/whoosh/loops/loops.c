/* The loops that NumPy has no single operation for; `specification.py` says what each of them does.

   Arrays come in as buffers: contiguous, little-endian, of any alignment, and the results are written into arrays of
   the caller's. Whatever was read from a file and is used as an index is held against the length of what it points
   into, so that a damaged column is an IndexError and no crash. Only the stable ABI of Python 3.11 is used: one module
   serves every later version. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BITS 16
#define BLOCK ((int64_t)1 << BLOCK_BITS)
/* From so many numbers on, other threads run meanwhile. */
#define LONG 4096
/* To look for one article costs about as much as to lay out so many postings. */
#define LOOKING 6

#if defined(__GNUC__) || defined(__clang__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

/* An array as it came in: numbers of 1, 2, 4 or 8 bytes. */
typedef struct {
    char *bytes;
    Py_ssize_t width, length;
} Array;

INLINE uint64_t number(Array array, Py_ssize_t at)
{
    const char *place = array.bytes + at * array.width;
    uint64_t eight;
    uint32_t four;
    uint16_t two;
    switch (array.width) {
    case 1: return *(const uint8_t *)place;
    case 2: memcpy(&two, place, 2); return two;
    case 4: memcpy(&four, place, 4); return four;
    default: memcpy(&eight, place, 8); return eight;
    }
}

/* Of 4 bytes or 8. */
INLINE int64_t signed_number(Array array, Py_ssize_t at)
{
    return array.width == 4 ? (int32_t)number(array, at) : (int64_t)number(array, at);
}

INLINE void put8(Array array, Py_ssize_t at, int64_t value) { memcpy(array.bytes + 8 * at, &value, 8); }

INLINE void put4(Array array, Py_ssize_t at, int32_t value) { memcpy(array.bytes + 4 * at, &value, 4); }

/* A loop for each width: the compiler makes one of its own for every number that is known to it. */
#define BY_WIDTH(array, ...)                                                                                          \
    switch ((array).width) {                                                                                          \
    case 1: (array).width = 1; __VA_ARGS__; break;                                                                    \
    case 2: (array).width = 2; __VA_ARGS__; break;                                                                    \
    case 4: (array).width = 4; __VA_ARGS__; break;                                                                    \
    default: (array).width = 8; __VA_ARGS__; break;                                                                   \
    }

/* Arguments: some arrays, then some whole numbers. */

typedef struct {
    Py_buffer views[6];
    Array arrays[6];
    long long numbers[2];
    int count;
} Arguments;

static int release(Arguments *taken)
{
    while (taken->count) PyBuffer_Release(&taken->views[--taken->count]);
    return 0;
}

/* One letter for each argument, the arrays first: `n` is an array of any width, a digit one of that width, with `-`
   before it where it is written to; `i` is a number. */
static int take(Arguments *taken, PyObject *const *arguments, Py_ssize_t given, const char *letters)
{
    Py_ssize_t at = 0;
    int numbers = taken->count = 0;
    for (; *letters && at < given; letters++, at++) {
        if (*letters == 'i') {
            taken->numbers[numbers++] = PyLong_AsLongLong(arguments[at]);
            if (PyErr_Occurred()) return release(taken);
            continue;
        }
        int written = *letters == '-';
        letters += written;
        Py_buffer *view = &taken->views[at];
        int flags = written ? PyBUF_CONTIG : PyBUF_CONTIG_RO;
        if (PyObject_GetBuffer(arguments[at], view, flags) < 0) return release(taken);
        taken->count++;
        Py_ssize_t width = view->itemsize;
        if (*letters == 'n' ? width != 1 && width != 2 && width != 4 && width != 8 : width != *letters - '0') {
            PyErr_Format(PyExc_TypeError, "argument %zd has numbers of %zd bytes", at + 1, width);
            return release(taken);
        }
        taken->arrays[at] = (Array){view->buf, width, view->len / width};
    }
    if (*letters || at < given) {
        PyErr_Format(PyExc_TypeError, "%zd arguments are not as many as there should be", given);
        return release(taken);
    }
    return 1;
}

static PyObject *returned(Arguments *taken, Py_ssize_t result)
{
    release(taken);
    if (result < 0) {
        PyErr_SetString(PyExc_IndexError, "a column points beyond another: the index is damaged");
        return NULL;
    }
    return PyLong_FromSsize_t(result);
}

/* Without the lock of the interpreter where it takes long. */
#define RUN(size, statement)                                                                                          \
    do {                                                                                                              \
        PyThreadState *state = (uint64_t)(size) >= LONG ? PyEval_SaveThread() : NULL;                                 \
        statement;                                                                                                    \
        if (state) PyEval_RestoreThread(state);                                                                       \
    } while (0)

/* Facets */

INLINE Py_ssize_t counted(Array column, Array articles, Array counts)
{
    for (Py_ssize_t at = 0; at < articles.length; at++) {
        uint64_t article = number(articles, at);
        if (article >= (uint64_t)column.length) return -1;
        uint64_t value = number(column, article);
        if (value >= (uint64_t)counts.length) return -1;
        put4(counts, value, (int32_t)number(counts, value) + 1);
    }
    return 0;
}

static PyObject *count(PyObject *module, PyObject *const *arguments, Py_ssize_t given)
{
    Arguments taken;
    if (!take(&taken, arguments, given, "n8-4")) return NULL;
    Array column = taken.arrays[0], articles = taken.arrays[1], counts = taken.arrays[2];
    articles.width = 8, counts.width = 4;
    Py_ssize_t result;
    RUN(articles.length, BY_WIDTH(column, result = counted(column, articles, counts)));
    return returned(&taken, result);
}

INLINE Py_ssize_t lists_counted(Array values, Array begins, Array articles, Array counts)
{
    for (Py_ssize_t at = 0; at < articles.length; at++) {
        uint64_t article = number(articles, at);
        if (begins.length < 1 || article >= (uint64_t)begins.length - 1) return -1;
        uint64_t begin = number(begins, article), end = number(begins, article + 1);
        if (begin > end || end > (uint64_t)values.length) return -1;
        for (; begin < end; begin++) {
            uint64_t value = number(values, begin);
            if (value >= (uint64_t)counts.length) return -1;
            put4(counts, value, (int32_t)number(counts, value) + 1);
        }
    }
    return 0;
}

static PyObject *count_lists(PyObject *module, PyObject *const *arguments, Py_ssize_t given)
{
    Arguments taken;
    if (!take(&taken, arguments, given, "nn8-4")) return NULL;
    Array values = taken.arrays[0], begins = taken.arrays[1], articles = taken.arrays[2], counts = taken.arrays[3];
    articles.width = 8, counts.width = 4;
    Py_ssize_t result;
    RUN(articles.length, BY_WIDTH(values, BY_WIDTH(begins, result = lists_counted(values, begins, articles, counts))));
    return returned(&taken, result);
}

/* The highest of some numbers */

typedef struct {
    int64_t value;
    Py_ssize_t order; /* among equals the one that was looked at first comes first */
} Entry;

INLINE int precedes(Entry one, Entry other)
{
    return one.value > other.value || (one.value == other.value && one.order < other.order);
}

/* Put an entry in the place of the last one, which is on top of the heap. */
static void replace_last(Entry *heap, Py_ssize_t size, Entry entry)
{
    Py_ssize_t hole = 0, child;
    while ((child = 2 * hole + 1) < size) {
        if (child + 1 < size && precedes(heap[child], heap[child + 1])) child++;
        if (precedes(heap[child], entry)) break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = entry;
}

INLINE Py_ssize_t highest_of(Array values, int64_t least, int backwards, Array places, Entry *heap)
{
    Py_ssize_t size = places.length, written = 0;
    for (Py_ssize_t at = 0; at < size; at++) heap[at] = (Entry){least, PY_SSIZE_T_MAX};
    for (Py_ssize_t order = 0; order < values.length; order++) {
        int64_t value = signed_number(values, backwards ? values.length - 1 - order : order);
        if (value < heap[0].value) continue;
        Entry entry = {value, order};
        if (precedes(entry, heap[0])) replace_last(heap, size, entry);
    }
    for (; size > 0; size--) {
        Entry last = heap[0];
        replace_last(heap, size - 1, heap[size - 1]);
        if (last.order == PY_SSIZE_T_MAX) continue;
        put8(places, size - 1, backwards ? values.length - 1 - last.order : last.order);
        written++;
    }
    return written;
}

static PyObject *highest(PyObject *module, PyObject *const *arguments, Py_ssize_t given)
{
    Arguments taken;
    if (!take(&taken, arguments, given, "n-8ii")) return NULL;
    Array values = taken.arrays[0], places = taken.arrays[1];
    int64_t least = taken.numbers[0];
    int backwards = taken.numbers[1] != 0;
    Entry *heap = malloc((size_t)places.length * sizeof(Entry) + 1);
    if (!heap) {
        release(&taken);
        return PyErr_NoMemory();
    }
    Py_ssize_t result = 0;
    if (places.length)
        RUN(values.length, BY_WIDTH(values, result = highest_of(values, least, backwards, places, heap)));
    free(heap);
    return returned(&taken, result);
}

INLINE Py_ssize_t gained(Array points, Array begins, Array percents)
{
    for (Py_ssize_t step = 0; step < begins.length; step++) {
        Py_ssize_t at = (Py_ssize_t)number(begins, step), end = points.length;
        if (step + 1 < begins.length) end = (Py_ssize_t)number(begins, step + 1);
        if (at < 0 || at > end || end > points.length) return -1;
        int64_t percent = (int64_t)number(percents, step);
        for (; at < end; at++) {
            int64_t before = signed_number(points, at);
            put4(points, at, (int32_t)(before + before * percent / 100));
        }
    }
    return 0;
}

static PyObject *gain(PyObject *module, PyObject *const *arguments, Py_ssize_t given)
{
    Arguments taken;
    if (!take(&taken, arguments, given, "-488")) return NULL;
    Array points = taken.arrays[0], begins = taken.arrays[1], percents = taken.arrays[2];
    points.width = 4, begins.width = percents.width = 8;
    Py_ssize_t result = -1;
    if (begins.length == percents.length) RUN(points.length, result = gained(points, begins, percents));
    return returned(&taken, result);
}

/* Postings: the articles of a term, in pieces. A piece is three numbers: the article with which its block begins, and
   from where to where in the column its postings lie, each the two bytes that tell the article within the block. */

typedef struct {
    uint64_t block;
    Py_ssize_t begin, end;
} Piece;

/* How many postings there are. */
INLINE uint64_t postings(Array pieces)
{
    Py_ssize_t count = pieces.length / 3;
    return count ? number(pieces, 3 * count - 1) - number(pieces, 1) : 0;
}

/* -1 where it does not lie in the column. */
INLINE int piece_at(Array pieces, Py_ssize_t at, Array column, Piece *piece)
{
    *piece = (Piece){number(pieces, 3 * at), (Py_ssize_t)number(pieces, 3 * at + 1),
                     (Py_ssize_t)number(pieces, 3 * at + 2)};
    return 0 <= piece->begin && piece->begin <= piece->end && piece->end <= column.length ? 0 : -1;
}

INLINE Py_ssize_t points_added(Array points, Array best, Array article, Array impact, Array pieces, int32_t weight)
{
    if (impact.length != article.length) return -1;
    for (Py_ssize_t at = 0; at < pieces.length / 3; at++) {
        Piece piece;
        if (piece_at(pieces, at, article, &piece) < 0) return -1;
        for (Py_ssize_t posting = piece.begin; posting < piece.end; posting++) {
            uint64_t place = piece.block + number(article, posting);
            if (place >= (uint64_t)points.length) return -1;
            uint32_t more = (uint32_t)number(impact, posting);
            if (best.bytes) {
                uint32_t before = (uint8_t)best.bytes[place];
                if (more <= before) continue;
                best.bytes[place] = (char)more;
                more -= before;
            }
            put4(points, place, (int32_t)((uint32_t)number(points, place) + more * (uint32_t)weight));
        }
    }
    return 0;
}

static PyObject *add_points(PyObject *module, PyObject *const *arguments, Py_ssize_t given)
{
    Arguments taken;
    if (!take(&taken, arguments, given, "-4-1218i")) return NULL;
    Array points = taken.arrays[0], best = taken.arrays[1], article = taken.arrays[2], impact = taken.arrays[3],
          pieces = taken.arrays[4];
    int32_t weight = (int32_t)taken.numbers[0];
    points.width = 4, article.width = 2, impact.width = 1, pieces.width = 8;
    if (!best.length) best.bytes = NULL;
    Py_ssize_t result = -1;
    if (!best.bytes || best.length >= points.length)
        RUN(postings(pieces), result = points_added(points, best, article, impact, pieces, weight));
    return returned(&taken, result);
}

INLINE Py_ssize_t positive_of(Array points, Array articles)
{
    Py_ssize_t written = 0;
    for (Py_ssize_t article = 0; article < points.length; article++) {
        put8(articles, written, article); /* in any case, as in `narrowed` */
        written += number(points, article) != 0;
    }
    return written;
}

static PyObject *positive(PyObject *module, PyObject *const *arguments, Py_ssize_t given)
{
    Arguments taken;
    if (!take(&taken, arguments, given, "4-8")) return NULL;
    Array points = taken.arrays[0], articles = taken.arrays[1];
    points.width = 4, articles.width = 8;
    Py_ssize_t result = -1;
    if (articles.length >= points.length) RUN(points.length, result = positive_of(points, articles));
    return returned(&taken, result);
}

/* From `at` on, the first of the postings up to `end` that is not before `wanted`: by steps that double, then halve. */
INLINE Py_ssize_t galloped(Array article, Py_ssize_t at, Py_ssize_t end, uint64_t wanted)
{
    Py_ssize_t step = 1;
    while (at + step <= end && number(article, at + step - 1) < wanted) {
        at += step;
        step *= 2;
    }
    for (; step; step /= 2)
        if (at + step <= end && number(article, at + step - 1) < wanted) at += step;
    return at;
}

/* Where in a block each article stands among the postings, for as long as one piece is looked at. What it says is held
   against the postings, so that it need not be cleared. */
static _Thread_local uint16_t places_in_block[BLOCK];

/* Lay the postings out by their articles, unless those that are asked for are so few that each is looked for. */
INLINE int laid_out(Array article, Piece piece, Py_ssize_t articles, uint16_t *places)
{
    if (articles * LOOKING < piece.end - piece.begin) return 0;
    for (Py_ssize_t at = piece.begin; at < piece.end; at++) places[number(article, at)] = (uint16_t)(at - piece.begin);
    return 1;
}

/* Where an article stands in a piece, if it does: from `place` on, where the last one was. */
INLINE Py_ssize_t place_of(Array article, Piece piece, Py_ssize_t place, uint64_t wanted, int laid, uint16_t *places)
{
    return laid ? places[wanted] : galloped(article, piece.begin + place, piece.end, wanted) - piece.begin;
}

INLINE Py_ssize_t narrowed(Array articles, Array article, Array pieces, Array index, Array posting)
{
    uint16_t *places = places_in_block;
    Py_ssize_t written = 0, from = 0, before = 0;
    for (Py_ssize_t at = 0; at < pieces.length / 3; at++) {
        Piece piece;
        if (piece_at(pieces, at, article, &piece) < 0) return -1;
        from = galloped(articles, from, articles.length, piece.block);
        Py_ssize_t to = galloped(articles, from, articles.length, piece.block + BLOCK);
        Py_ssize_t size = piece.end - piece.begin;
        if (size > BLOCK) return -1;
        int laid = laid_out(article, piece, to - from, places);
        for (Py_ssize_t place = 0; from < to; from++) {
            uint64_t wanted = number(articles, from) - piece.block;
            if (wanted >= BLOCK) continue; /* articles that do not ascend */
            place = place_of(article, piece, place, wanted, laid, places);
            /* Written in any case: which articles have the term cannot be foreseen, and a wrong guess costs more. */
            put8(index, written, from);
            put8(posting, written, before + place);
            written += place < size && number(article, piece.begin + place) == wanted;
        }
        before += size;
    }
    return written;
}

static PyObject *narrow(PyObject *module, PyObject *const *arguments, Py_ssize_t given)
{
    Arguments taken;
    if (!take(&taken, arguments, given, "828-8-8")) return NULL;
    Array articles = taken.arrays[0], article = taken.arrays[1], pieces = taken.arrays[2], index = taken.arrays[3],
          posting = taken.arrays[4];
    articles.width = pieces.width = index.width = posting.width = 8, article.width = 2;
    Py_ssize_t result = -1;
    if (index.length >= articles.length && posting.length >= articles.length)
        RUN(articles.length + postings(pieces), result = narrowed(articles, article, pieces, index, posting));
    return returned(&taken, result);
}

/* Positions */

/* A location is an article, shifted by HALF, and a position, with ROOM for one that is counted back. A position is kept
   twice over, with one more in the first occurrence of a posting. An outline tells how many occurrences of its key lie
   before those of each posting. */
#define HALF 32
#define ROOM 4096

INLINE Py_ssize_t outlined(Array position, Py_ssize_t begin, Py_ssize_t end, Array outline)
{
    Py_ssize_t postings = 0, most = outline.length - 1;
    if (begin < 0 || begin > end || end > position.length || end - begin > UINT32_MAX || most < 0) return -1;
    for (Py_ssize_t at = begin; at < end; at++) {
        put4(outline, postings, (int32_t)(at - begin));
        postings += number(position, at) & 1;
        if (postings > most) return -1;
    }
    put4(outline, postings, (int32_t)(end - begin));
    return postings == most ? postings : -1;
}

static PyObject *outline(PyObject *module, PyObject *const *arguments, Py_ssize_t given)
{
    Arguments taken;
    if (!take(&taken, arguments, given, "n-4ii")) return NULL;
    Array position = taken.arrays[0], outline = taken.arrays[1];
    Py_ssize_t begin = taken.numbers[0], end = taken.numbers[1];
    outline.width = 4;
    Py_ssize_t result;
    RUN((uint64_t)end - (uint64_t)begin, BY_WIDTH(position, result = outlined(position, begin, end, outline)));
    return returned(&taken, result);
}

INLINE Py_ssize_t located(Array articles, Array postings, Array outline, Array position, Py_ssize_t first,
                          Array locations)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t k = 0; k < postings.length; k++) {
        uint64_t posting = number(postings, k);
        if (outline.length < 1 || posting >= (uint64_t)outline.length - 1) return -1;
        uint64_t at = first + number(outline, posting), end = first + number(outline, posting + 1);
        if (at > end || end > (uint64_t)position.length || end - at > (uint64_t)(locations.length - count)) return -1;
        uint64_t of_article = (number(articles, k) << HALF) + ROOM;
        for (; at < end; at++) put8(locations, count++, (int64_t)(of_article + (number(position, at) >> 1)));
    }
    return count == locations.length ? count : -1;
}

static PyObject *locations(PyObject *module, PyObject *const *arguments, Py_ssize_t given)
{
    Arguments taken;
    if (!take(&taken, arguments, given, "884n-8i")) return NULL;
    Array articles = taken.arrays[0], postings = taken.arrays[1], outline = taken.arrays[2], position = taken.arrays[3],
          into = taken.arrays[4];
    Py_ssize_t first = taken.numbers[0], result = -1;
    articles.width = postings.width = into.width = 8, outline.width = 4;
    if (articles.length == postings.length && first >= 0 && first <= position.length)
        RUN(into.length, BY_WIDTH(position, result = located(articles, postings, outline, position, first, into)));
    return returned(&taken, result);
}

/* Whether a position, as a first occurrence has it, is among the occurrences from `begin` to `end`: by halving. */
INLINE int stands(Array position, Py_ssize_t begin, Py_ssize_t end, uint64_t wanted)
{
    for (Py_ssize_t size = end - begin, half; size > 1; size -= half) {
        half = size / 2;
        begin += half * (number(position, begin + half) <= wanted);
    }
    return (number(position, begin) | 1) == wanted;
}

INLINE Py_ssize_t standing(Array locations, Array article, Array pieces, Array outline, Array position,
                           Py_ssize_t first, Array occurs)
{
    uint16_t *places = places_in_block;
    Py_ssize_t from = 0, before = 0;
    for (Py_ssize_t at = 0; at < pieces.length / 3; at++) {
        Piece piece;
        if (piece_at(pieces, at, article, &piece) < 0) return -1;
        from = galloped(locations, from, locations.length, piece.block << HALF);
        Py_ssize_t to = galloped(locations, from, locations.length, (piece.block + BLOCK) << HALF);
        Py_ssize_t size = piece.end - piece.begin;
        if (size > BLOCK || before + size >= outline.length) return -1;
        int laid = laid_out(article, piece, to - from, places);
        for (Py_ssize_t place = 0; from < to; from++) {
            uint64_t location = number(locations, from), wanted = (location >> HALF) - piece.block;
            if (wanted >= BLOCK) continue; /* locations that do not ascend */
            place = place_of(article, piece, place, wanted, laid, places);
            if (place >= size || number(article, piece.begin + place) != wanted) continue;
            uint64_t begin = first + number(outline, before + place), end = first + number(outline, before + place + 1);
            if (begin >= end || end > (uint64_t)position.length) return -1;
            occurs.bytes[from] = (char)stands(position, begin, end, 2 * ((location & UINT32_MAX) - ROOM) + 1);
        }
        before += size;
    }
    return 0;
}

static PyObject *occurs_at(PyObject *module, PyObject *const *arguments, Py_ssize_t given)
{
    Arguments taken;
    if (!take(&taken, arguments, given, "8284n-1i")) return NULL;
    Array locations = taken.arrays[0], article = taken.arrays[1], pieces = taken.arrays[2], outline = taken.arrays[3],
          position = taken.arrays[4], occurs = taken.arrays[5];
    Py_ssize_t first = taken.numbers[0], result = -1;
    locations.width = pieces.width = 8, outline.width = 4, article.width = 2;
    if (occurs.length == locations.length && first >= 0 && first <= position.length)
        RUN(locations.length + postings(pieces),
            BY_WIDTH(position, result = standing(locations, article, pieces, outline, position, first, occurs)));
    return returned(&taken, result);
}

#define METHOD(name) {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL, NULL}

static PyMethodDef methods[] = {
    METHOD(count), METHOD(count_lists), METHOD(highest), METHOD(gain), METHOD(add_points), METHOD(positive),
    METHOD(narrow), METHOD(outline), METHOD(locations), METHOD(occurs_at), {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "arkhiv_loops", .m_methods = methods};

PyMODINIT_FUNC PyInit_arkhiv_loops(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module && PyModule_AddStringConstant(module, "SOURCE", ARKHIV_LOOPS_SOURCE) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
