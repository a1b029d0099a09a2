#include "share/relay_box.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "core/rc.h"
#include "core/text.h"
#include "share/event.h"

struct relay_box {
    pthread_mutex_t lock;
    int fd, answer_fd;
    size_t first, n, first_answer, n_answers;
    struct relay_command commands[RELAY_BOX_COMMANDS];
    struct relay_answer answers[RELAY_BOX_ANSWERS];
};

void relay_result_set(struct relay_result *r, bool ok, int8_t state, int64_t ts_utc_ms, const char *error,
                      const char *detail)
{
    *r = (struct relay_result){.ok = ok, .state = state, .ts_utc_ms = ts_utc_ms};
    text_format(r->error, sizeof r->error, "%s", error != NULL ? error : "");
    text_format(r->detail, sizeof r->detail, "%s", detail != NULL ? detail : "");
}

int relay_box_new(struct relay_box **out)
{
    struct relay_box *b = calloc(1, sizeof *b);
    if (b == NULL)
        return RC_NOMEM;
    pthread_mutex_init(&b->lock, NULL);
    b->fd = event_new();
    b->answer_fd = event_new();
    if (b->fd < 0 || b->answer_fd < 0) {
        relay_box_free(b);
        return RC_IO;
    }
    *out = b;
    return RC_OK;
}

void relay_box_free(struct relay_box *b)
{
    if (b == NULL)
        return;
    if (b->fd >= 0)
        close(b->fd);
    if (b->answer_fd >= 0)
        close(b->answer_fd);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

int relay_box_put(struct relay_box *b, const struct relay_command *c)
{
    pthread_mutex_lock(&b->lock);
    bool room = b->n < RELAY_BOX_COMMANDS;
    if (room)
        b->commands[(b->first + b->n++) % RELAY_BOX_COMMANDS] = *c;
    pthread_mutex_unlock(&b->lock);
    if (room)
        event_set(b->fd);
    return room ? RC_OK : RC_FULL;
}

bool relay_box_take(struct relay_box *b, struct relay_command *out)
{
    pthread_mutex_lock(&b->lock);
    bool any = b->n > 0;
    if (any) {
        *out = b->commands[b->first];
        b->first = (b->first + 1) % RELAY_BOX_COMMANDS;
        b->n--;
    }
    pthread_mutex_unlock(&b->lock);
    return any;
}

int relay_box_fd(const struct relay_box *b)
{
    return b->fd;
}

void relay_box_answer(struct relay_box *b, const struct relay_answer *a)
{
    pthread_mutex_lock(&b->lock);
    if (b->n_answers == RELAY_BOX_ANSWERS) {
        b->first_answer = (b->first_answer + 1) % RELAY_BOX_ANSWERS;
        b->n_answers--;
    }
    b->answers[(b->first_answer + b->n_answers++) % RELAY_BOX_ANSWERS] = *a;
    pthread_mutex_unlock(&b->lock);
    event_set(b->answer_fd);
}

bool relay_box_has_answer(struct relay_box *b)
{
    pthread_mutex_lock(&b->lock);
    bool any = b->n_answers > 0;
    pthread_mutex_unlock(&b->lock);
    return any;
}

bool relay_box_take_answer(struct relay_box *b, struct relay_answer *out)
{
    pthread_mutex_lock(&b->lock);
    bool any = b->n_answers > 0;
    if (any) {
        *out = b->answers[b->first_answer];
        b->first_answer = (b->first_answer + 1) % RELAY_BOX_ANSWERS;
        b->n_answers--;
    }
    pthread_mutex_unlock(&b->lock);
    return any;
}

int relay_box_answer_fd(const struct relay_box *b)
{
    return b->answer_fd;
}
