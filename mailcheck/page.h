/*
 * The page of mailcheck --html: one file, nothing fetched from anywhere, nothing sent anywhere.
 *
 * Every octet that came from a network, a plugin or an option goes through page_write. The page
 * forbids all but its own style and script by a Content-Security-Policy with a nonce, so that a
 * mistake here would still run nothing.
 */
#ifndef MAILCHECK_PAGE_H
#define MAILCHECK_PAGE_H

#include "mailcheck.h"

/* Most octets of a page; a larger one is cut, which page_print tells. */
#define PAGE_MAX ((size_t)8 << 20)
/* Most octets of one value from outside. */
#define PAGE_VALUE_MAX 2000

struct page {
    const struct mailcheck_facts *facts;
    struct text *out;
    const char *nonce;
    size_t copies; /* buttons so far, for their numbers */
};

/* The whole page. `when` is the wall clock. False when it had to be cut. */
bool page_print(const struct mailcheck_facts *facts, int64_t when, struct text *out);

/* Text from outside, safe in element content and in double-quoted attributes: `&<>"'` as entities,
 * invalid UTF-8, control and bidirectional characters as \xHH; cut at PAGE_VALUE_MAX. NULL is "".
 */
void page_write(struct page *page, const char *value);
/* The same, cut at `most` octets. */
void page_write_cut(struct page *page, const char *value, size_t most);
/* "ok", "warning", "critical", "unknown": the class of a state. */
const char *page_class(enum state state);
const char *page_member(const json_t *object, const char *key);

/* Pictures, as inline SVG; nothing where there is nothing to show. */
void page_path(struct page *page, const struct mailcheck_subject *subject);
void page_tree(struct page *page, const json_t *tree);
void page_matrix(struct page *page, const struct mailcheck_subject *subject);

/* The style sheet and the script. */
extern const char page_style[];
extern const char page_script[];

#endif
