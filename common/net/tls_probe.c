#include "net/tls_probe.h"

#include "net/interfaces.h"

struct player {
    const struct tls_probe_settings *settings;
    struct tls_probe *probe;
    struct stream *stream; /* NULL: it does not play */
    struct deadline until;
};

static void end(struct player *player, enum tls_probe_outcome outcome)
{
    struct tls_probe *probe = player->probe;
    probe->outcome = outcome;
    probe->failure = stream_failure(player->stream);
    if (outcome == TLS_PROBE_NOT_CONNECTED && probe->failure == STREAM_UNREACHABLE)
        probe->has_no_route = interfaces_source(&probe->target.endpoint).family == IP_NONE;
    stream_finish(player->stream);
    stream_close(player->stream);
    player->stream = NULL;
}

static void on_change(void *context)
{
    struct player *player = context;
    struct tls_probe *probe = player->probe;
    if (probe->tls == NULL && stream_is_connected(player->stream)) {
        struct tls_request request = {.server_name = probe->host};
        stream_start_tls(player->stream,
                         tls_new(player->settings->context, player->settings->arena, &request));
        probe->tls = stream_tls(player->stream);
    }
    if (probe->tls != NULL && probe->tls->outcome == TLS_ESTABLISHED)
        end(player, TLS_PROBE_ESTABLISHED);
    else if (probe->tls != NULL && probe->tls->outcome != TLS_PENDING)
        end(player, TLS_PROBE_NO_HANDSHAKE);
    else if (stream_failure(player->stream) != STREAM_FINE)
        end(player, probe->tls != NULL ? TLS_PROBE_NO_HANDSHAKE : TLS_PROBE_NOT_CONNECTED);
}

static void start(struct player *player, struct deadline deadline)
{
    player->until = deadline_cut(deadline, player->settings->budget_us);
    player->stream = stream_open(player->settings->loop, &player->probe->target, on_change, player);
    on_change(player);
}

/* Gives free players the probes from *next on. False when none plays any more. */
static bool start_waiting(struct player players[static TLS_PROBE_AT_ONCE], struct tls_probe *probes,
                          size_t count, size_t *next, struct deadline deadline)
{
    bool is_any = false;
    for (size_t i = 0; i < TLS_PROBE_AT_ONCE; i++) {
        struct player *player = &players[i];
        while (player->stream == NULL && *next < count) {
            player->probe = &probes[(*next)++];
            start(player, deadline);
        }
        is_any = is_any || player->stream != NULL;
    }
    return is_any;
}

static struct deadline earliest(const struct player players[static TLS_PROBE_AT_ONCE],
                                struct deadline deadline)
{
    for (size_t i = 0; i < TLS_PROBE_AT_ONCE; i++) {
        if (players[i].stream != NULL && players[i].until.at < deadline.at)
            deadline = players[i].until;
    }
    return deadline;
}

/* One whose budget ended before the deadline had all of its time. */
static void expire(struct player players[static TLS_PROBE_AT_ONCE], struct deadline deadline)
{
    for (size_t i = 0; i < TLS_PROBE_AT_ONCE; i++) {
        if (players[i].stream != NULL && deadline_left(players[i].until) == 0)
            end(&players[i],
                players[i].until.at < deadline.at ? TLS_PROBE_SILENT : TLS_PROBE_CUT_SHORT);
    }
}

void tls_probe_run(const struct tls_probe_settings *settings, struct tls_probe *probes,
                   size_t count, struct deadline deadline)
{
    struct player players[TLS_PROBE_AT_ONCE];
    size_t next = 0;
    for (size_t i = 0; i < TLS_PROBE_AT_ONCE; i++)
        players[i] = (struct player){.settings = settings};
    while (deadline_left(deadline) > 0 && start_waiting(players, probes, count, &next, deadline)) {
        loop_once(settings->loop, earliest(players, deadline));
        expire(players, deadline);
    }
    expire(players, deadline);
}

bool tls_probe_is_ours(const struct tls_probe *probe)
{
    return probe->has_no_route || stream_failure_is_ours(probe->failure) ||
           (probe->tls != NULL && probe->tls->outcome == TLS_UNUSABLE_REQUEST);
}
