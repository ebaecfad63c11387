#include "queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const size_t class_sizes[QUEUE_CLASSES] = {128, 256, 512, 1536, 8192, 65537};

void queue_init(struct queue *queue)
{
    memset(queue, 0, sizeof(*queue));
    arena_init(&queue->arena);
}

void queue_release(struct queue *queue)
{
    free(queue->heap);
    arena_release(&queue->arena);
}

struct reply *queue_new(struct queue *queue, size_t length)
{
    size_t class = 0;

    while (class < QUEUE_CLASSES && class_sizes[class] < length)
        class ++;
    if (class == QUEUE_CLASSES || queue->count >= QUEUE_REPLIES_MAX)
        return NULL;

    struct reply *reply = queue->unused[class];
    size_t size = sizeof(*reply) + class_sizes[class];

    if (reply != NULL) {
        queue->unused[class] = reply->next;
    } else {
        if (size > QUEUE_OCTETS_MAX - queue->octets)
            return NULL;
        queue->octets += size;
        reply = arena_alloc(&queue->arena, size);
    }
    reply->next = NULL;
    reply->size_class = class;
    reply->length = length;
    reply->connection = NULL;
    return reply;
}

void queue_free(struct queue *queue, struct reply *reply)
{
    reply->next = queue->unused[reply->size_class];
    queue->unused[reply->size_class] = reply;
}

static bool is_before(const struct reply *a, const struct reply *b)
{
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

void queue_push(struct queue *queue, struct reply *reply)
{
    size_t at = queue->count++;

    queue->heap = memory_grow(queue->heap, &queue->capacity, queue->count, sizeof(reply));
    reply->order = queue->order++;
    for (; at > 0 && is_before(reply, queue->heap[(at - 1) / 2]); at = (at - 1) / 2)
        queue->heap[at] = queue->heap[(at - 1) / 2];
    queue->heap[at] = reply;
}

struct reply *queue_first(const struct queue *queue)
{
    return queue->count == 0 ? NULL : queue->heap[0];
}

struct reply *queue_pop(struct queue *queue)
{
    struct reply *first = queue->heap[0];
    struct reply *last = queue->heap[--queue->count];
    size_t at = 0;

    for (size_t child = 1; child < queue->count; child = 2 * at + 1) {
        if (child + 1 < queue->count && is_before(queue->heap[child + 1], queue->heap[child]))
            child++;
        if (is_before(last, queue->heap[child]))
            break;
        queue->heap[at] = queue->heap[child];
        at = child;
    }
    if (queue->count > 0)
        queue->heap[at] = last;
    return first;
}
