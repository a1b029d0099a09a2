/* text.h - numbers, times, durations and names from and to text, strictly: all of it or an error.
 *
 * strtol and its family accept what a configuration must not (leading blanks, signs, trailing words, wrap);
 * these do not. Nothing here depends on the locale.
 *
 * Units:   as named in each function.
 * Errors:  RC_PARSE (cannot be read) or RC_RANGE (read, but outside lo..hi); *out untouched.
 * Threads: pure.
 */
#ifndef METERFLEET_CORE_TEXT_H
#define METERFLEET_CORE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits only, no sign, no leading zero except "0" itself. */
int text_to_u64(const char *s, uint64_t lo, uint64_t hi, uint64_t *out);
int text_to_u16(const char *s, uint16_t lo, uint16_t hi, uint16_t *out);
/* Optional '-' before the digits. */
int text_to_i64(const char *s, int64_t lo, int64_t hi, int64_t *out);

/* A duration "500ms 10s 5m 1h 7d"; a bare "0" is 0; without a unit otherwise RC_PARSE. */
int text_to_duration_ms(const char *s, int64_t lo_ms, int64_t hi_ms, int64_t *out_ms);
/* A size "64MiB", units B KiB MiB GiB TiB. */
int text_to_size(const char *s, uint64_t lo, uint64_t hi, uint64_t *out_bytes);
/* A share "3 %" or "2.5%", at most two decimals, in hundredths of a per cent (basis points). */
int text_to_share_bp(const char *s, uint32_t lo, uint32_t hi, uint32_t *out_bp);
int text_to_bool(const char *s, bool *out); /* yes, no */

/* Civil time without a zone: days since 1970-01-01 of the proleptic Gregorian calendar and back. */
int64_t text_days_from_civil(int64_t year, unsigned month, unsigned day);
void text_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day);
bool text_valid_date(int64_t year, unsigned month, unsigned day);

/* ISO 8601 "2026-10-01T08:00:00[.fff…](Z|±hh:mm|±hhmm|±hh)", seconds optional, 'T' or one blank. A fraction
 * of any length is cut to milliseconds. Leap second :60 is read as the following second's start. */
int text_to_utc_ms(const char *s, int64_t *out_utc_ms);
/* "YYYY-MM-DD" to days since 1970-01-01. */
int text_to_date(const char *s, int64_t *out_days);

/* "YYYY-MM-DDTHH:MM:SS.mmmZ": 24 characters and the NUL; years 0000 to 9999, outside of that clamped. */
#define TEXT_TS_SIZE 25
void text_from_utc_ms(int64_t utc_ms, char out[TEXT_TS_SIZE]);

/* Of `n` words the one nearest to `word` (edit distance at most a third of its length, at least 1), or NULL:
 * for "did you mean …?". */
const char *text_nearest(const char *word, const char *const *words, size_t n);

#define TEXT_NAME_MAX 40
/* True for a name of INTERFACES 2: [A-Za-z0-9_-], with '.' inside, 1 to 40 characters. */
bool text_is_name(const char *s);

/* snprintf that says whether all of it fitted. */
bool text_format(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A growing text, for JSON, CSV and reports. Zero-initialise, append, text_buf_done(). After a failed
 * allocation `failed` stays set and appends do nothing: check it once at the end. */
struct text_buf {
    char *data; /* always NUL-terminated once something was appended; NULL before */
    size_t len, size;
    bool failed;
};
void text_buf_add(struct text_buf *b, const char *s);
void text_buf_add_n(struct text_buf *b, const char *s, size_t n);
void text_buf_addf(struct text_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes: control characters, quote and backslash escaped, bad UTF-8 as U+FFFD. */
void text_buf_add_json(struct text_buf *b, const char *s);
void text_buf_clear(struct text_buf *b); /* keeps the memory */
void text_buf_done(struct text_buf *b);

#endif
