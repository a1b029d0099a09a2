#include "publish/stray.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/rc.h"
#include "publish/discovery.h"

struct entry {
    struct entry *next;
    char text[];
};

struct list {
    struct entry *first, *last;
    struct entry *next; /* the next to be taken; those before it are kept to be recognised */
    size_t n;
};

struct stray {
    const struct settings *settings;
    struct list filters, topics;
};

int stray_new(const struct settings *s, struct stray **out)
{
    struct stray *stray = calloc(1, sizeof *stray);
    if (stray == NULL)
        return RC_NOMEM;
    stray->settings = s;
    *out = stray;
    return RC_OK;
}

static void clear(struct list *list)
{
    while (list->first != NULL) {
        struct entry *entry = list->first;
        list->first = entry->next;
        free(entry);
    }
    *list = (struct list){0};
}

void stray_begin(struct stray *s)
{
    clear(&s->filters);
    clear(&s->topics);
}

void stray_free(struct stray *s)
{
    if (s == NULL)
        return;
    stray_begin(s);
    free(s);
}

static bool contains(const struct entry *from, const char *text)
{
    for (; from != NULL; from = from->next)
        if (strcmp(from->text, text) == 0)
            return true;
    return false;
}

/* Without memory or room it is left for the next connect. */
static void add(struct list *list, const char *text)
{
    const size_t size = strlen(text) + 1;
    struct entry *entry = list->n < STRAY_MOST ? malloc(sizeof *entry + size) : NULL;
    if (entry == NULL)
        return;
    entry->next = NULL;
    memcpy(entry->text, text, size);
    if (list->last != NULL)
        list->last->next = entry;
    else
        list->first = entry;
    list->last = entry;
    if (list->next == NULL)
        list->next = entry;
    list->n++;
}

static bool take(struct list *list, char **text)
{
    if (list->next == NULL)
        return false;
    *text = strdup(list->next->text);
    if (*text == NULL)
        return false;
    list->next = list->next->next;
    return true;
}

/* A filter is asked once a connection; a topic may come back after it was cleared, but waits only once. */
static void add_filter(struct stray *s, const char *topic, size_t len)
{
    char *filter = NULL;
    if (asprintf(&filter, "%.*s/#", (int)len, topic) < 0)
        return;
    if (!contains(s->filters.first, filter))
        add(&s->filters, filter);
    free(filter);
}

static void add_topic(struct stray *s, const char *topic)
{
    if (!contains(s->topics.next, topic))
        add(&s->topics, topic);
}

/* "meter/NAME/…" of a meter that is configured. */
static bool is_ours(const struct stray *s, const char *name, size_t len)
{
    for (size_t i = 0; i < s->settings->n_meters; i++)
        if (strlen(s->settings->meters[i].name) == len &&
            strncmp(s->settings->meters[i].name, name, len) == 0)
            return true;
    return false;
}

static void heard_meter(struct stray *s, const char *topic, const char *name)
{
    const char *slash = strchr(name, '/');
    if (slash == NULL || is_ours(s, name, (size_t)(slash - name)))
        return;
    if (strcmp(slash, "/status") == 0)
        add_filter(s, topic, (size_t)(slash - topic));
    add_topic(s, topic);
}

static void heard_bus(struct stray *s, const char *topic, const char *name)
{
    for (size_t i = 0; i < s->settings->n_buses; i++)
        if (strcmp(s->settings->buses[i].name, name) == 0)
            return;
    add_topic(s, topic);
}

/* A discovery of ours, of a meter that is not configured any more, or from before discovery was switched off.
 */
static void heard_discovery(struct stray *s, const char *topic)
{
    char own[DISCOVERY_TOPIC];
    for (size_t i = 0; s->settings->mqtt.homeassistant && i < s->settings->n_meters; i++)
        if (discovery_topic(s->settings, i, own) && strcmp(own, topic) == 0)
            return;
    add_topic(s, topic);
}

void stray_heard(struct stray *s, const char *topic)
{
    static const char meter[] = "meter/", bus[] = "bus/";
    if (strncmp(topic, meter, sizeof meter - 1) == 0)
        heard_meter(s, topic, topic + sizeof meter - 1);
    else if (strncmp(topic, bus, sizeof bus - 1) == 0)
        heard_bus(s, topic, topic + sizeof bus - 1);
    else if (discovery_is_topic(topic))
        heard_discovery(s, topic);
}

bool stray_next_filter(struct stray *s, char **filter)
{
    return take(&s->filters, filter);
}

bool stray_next_topic(struct stray *s, char **topic)
{
    if (!take(&s->topics, topic))
        return false;
    if (s->topics.next == NULL)
        clear(&s->topics);
    return true;
}

bool stray_waiting(const struct stray *s)
{
    return s->topics.next != NULL;
}
