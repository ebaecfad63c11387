#include "mail/public_suffix.h"

#include <libpsl.h>
#include <stdio.h>

/* psl_ctx_t is a type of its own; this name keeps libpsl out of the header. */
static const psl_ctx_t *context(const struct public_suffix *list)
{
    return (const psl_ctx_t *)(const void *)list;
}

const struct public_suffix *public_suffix_builtin(void)
{
    return (const struct public_suffix *)(const void *)psl_builtin();
}

struct public_suffix *public_suffix_read(struct slice text)
{
    psl_ctx_t *read = NULL;
    /* fmemopen() has no const; "r" never writes. */
    FILE *file =
        text.length == 0 ? NULL : fmemopen((void *)(uintptr_t)text.start, text.length, "r");
    if (file) {
        read = psl_load_fp(file);
        fclose(file);
    }
    return (struct public_suffix *)(void *)read;
}

void public_suffix_free(struct public_suffix *list)
{
    psl_free((psl_ctx_t *)(void *)list);
}

const char *public_suffix_organization(const struct public_suffix *list, const char *name)
{
    return psl_registrable_domain(context(list), name);
}
