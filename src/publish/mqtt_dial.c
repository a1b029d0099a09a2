#include "publish/mqtt_dial.h"
#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/rc.h"
#include "core/text.h"
#include "share/event.h"

#define SECRET_MOST        1024
#define DIAL_STACK         (256 * 1024)     /* getaddrinfo and OpenSSL's file readers */
#define SYSTEM_AUTHORITIES "/etc/ssl/certs" /* Debian's ca-certificates, by hash */
#define VERIFY_PEER        1                /* SSL_VERIFY_PEER: never unchecked */

struct mqtt_dial {
    pthread_mutex_t lock;
    int holders; /* the helper and whoever waits */
    int fd;
    struct mosquitto *mosq;
    char why[MQTT_WHY];
    struct mqtt_options options;
    char *text[8]; /* the copies the options point to */
};

static void dial_free(struct mqtt_dial *d)
{
    if (d->mosq != NULL)
        mosquitto_destroy(d->mosq);
    for (size_t i = 0; i < sizeof d->text / sizeof d->text[0]; i++)
        free(d->text[i]);
    if (d->fd >= 0)
        (void)close(d->fd);
    (void)pthread_mutex_destroy(&d->lock);
    free(d);
}

static void let_go(struct mqtt_dial *d)
{
    (void)pthread_mutex_lock(&d->lock);
    const int left = --d->holders;
    (void)pthread_mutex_unlock(&d->lock);
    if (left == 0)
        dial_free(d);
}

__attribute__((format(printf, 2, 3))) static void say(struct mqtt_dial *d, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(d->why, sizeof d->why, format, args);
    va_end(args);
}

void mqtt_dial_note(char why[MQTT_WHY], int level, const char *line)
{
    if (level != MOSQ_LOG_ERR || why[0] != '\0')
        return;
    /* "OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed": people need its end. */
    const char *end = strstr(line, "OpenSSL Error[") == NULL ? NULL : strrchr(line, ':');
    const char *words = end == NULL || end[1] == '\0' ? line : end + 1;
    const bool verify = strstr(words, "certificate verify failed") != NULL;
    (void)snprintf(why, MQTT_WHY, "TLS: %.80s%s", words,
                   verify ? ": authority, name, dates, our clock?" : "");
}

static void on_log(struct mosquitto *mosq, void *arg, int level, const char *line)
{
    struct mqtt_dial *d = arg;
    (void)mosq;
    mqtt_dial_note(d->why, level, line);
}

/* A key with a passphrase cannot be opened by a daemon: no terminal is asked. */
static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
    (void)rwflag;
    (void)arg;
    if (size > 0)
        buf[0] = '\0';
    return 0;
}

/* The first line of a regular file. */
static int read_secret(const char *path, char out[SECRET_MOST])
{
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return RC_IO;
    int rc = RC_IO;
    if (fstat(fd, &st) != 0)
        goto done;
    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        goto done;
    }
    const ssize_t n = read(fd, out, SECRET_MOST - 1);
    if (n < 0)
        goto done;
    out[n] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
    rc = RC_OK;
done:
    (void)close(fd);
    return rc;
}

static bool set_credentials(struct mqtt_dial *d)
{
    char secret[SECRET_MOST] = "";
    const struct mqtt_options *o = &d->options;
    if (o->username == NULL)
        return true;
    if (o->password_file != NULL && read_secret(o->password_file, secret) != RC_OK) {
        say(d, "password_file %.80s: %s", o->password_file, strerror(errno));
        return false;
    }
    const int rc = mosquitto_username_pw_set(d->mosq, o->username, o->password_file == NULL ? NULL : secret);
    explicit_bzero(secret, sizeof secret);
    if (rc != MOSQ_ERR_SUCCESS)
        say(d, "username: %s", mosquitto_strerror(rc));
    return rc == MOSQ_ERR_SUCCESS;
}

static bool readable(struct mqtt_dial *d, const char *key, const char *path)
{
    if (path == NULL || access(path, R_OK) == 0)
        return true;
    say(d, "%s %.80s: %s", key, path, strerror(errno));
    return false;
}

static bool set_tls(struct mqtt_dial *d)
{
    const struct mqtt_options *o = &d->options;
    if (!o->tls)
        return true;
    if (!readable(d, "ca_file", o->ca_file) || !readable(d, "cert_file", o->cert_file) ||
        !readable(d, "key_file", o->key_file))
        return false;
    /* Without one of its own the system's authorities count. The library wants a place named for them. */
    int rc = mosquitto_tls_set(d->mosq, o->ca_file, o->ca_file == NULL ? SYSTEM_AUTHORITIES : NULL,
                               o->cert_file, o->key_file, no_passphrase);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_tls_opts_set(d->mosq, VERIFY_PEER, NULL, NULL);
    if (rc != MOSQ_ERR_SUCCESS && d->why[0] == '\0')
        say(d, "TLS: %s", mosquitto_strerror(rc));
    return rc == MOSQ_ERR_SUCCESS;
}

static bool set_options(struct mqtt_dial *d)
{
    static const char word[] = "offline";
    const struct mqtt_options *o = &d->options;
    int rc = mosquitto_int_option(d->mosq, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_int_option(d->mosq, MOSQ_OPT_SEND_MAXIMUM, (int)o->send_maximum);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_int_option(d->mosq, MOSQ_OPT_TCP_NODELAY, 1);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_will_set_v5(d->mosq, o->will_topic, sizeof word - 1, word, 1, true, NULL);
    if (rc != MOSQ_ERR_SUCCESS)
        say(d, "%s", mosquitto_strerror(rc));
    return rc == MOSQ_ERR_SUCCESS && set_credentials(d) && set_tls(d);
}

static bool dial(struct mqtt_dial *d)
{
    const struct mqtt_options *o = &d->options;
    d->mosq = mosquitto_new(o->client_id, true, d);
    if (d->mosq == NULL) {
        say(d, "%s", errno == EINVAL ? "client_id cannot be used" : "no memory");
        return false;
    }
    mosquitto_log_callback_set(d->mosq, on_log);
    if (!set_options(d))
        return false;
    errno = 0;
    const int rc = mosquitto_connect_async(d->mosq, o->host, o->port, MQTT_KEEPALIVE_S);
    const int cause = errno;
    if (rc == MOSQ_ERR_SUCCESS)
        return true;
    if (rc == MOSQ_ERR_EAI)
        say(d, "%.80s: %s", o->host, gai_strerror(cause));
    else if (rc == MOSQ_ERR_ERRNO)
        say(d, "%s", strerror(cause));
    else if (d->why[0] == '\0')
        say(d, "%s", mosquitto_strerror(rc));
    return false;
}

static void *helper(void *arg)
{
    struct mqtt_dial *d = arg;
    if (!dial(d) && d->mosq != NULL) {
        mosquitto_destroy(d->mosq);
        d->mosq = NULL;
    }
    (void)pthread_mutex_lock(&d->lock); /* hands over what was written above */
    event_set(d->fd);
    (void)pthread_mutex_unlock(&d->lock);
    let_go(d);
    return NULL;
}

static bool copy_text(struct mqtt_dial *d, size_t i, const char **text)
{
    if (*text == NULL)
        return true;
    d->text[i] = strdup(*text);
    *text = d->text[i];
    return d->text[i] != NULL;
}

static bool copy_options(struct mqtt_dial *d, const struct mqtt_options *from)
{
    struct mqtt_options *o = &d->options;
    *o = *from;
    return copy_text(d, 0, &o->host) && copy_text(d, 1, &o->client_id) && copy_text(d, 2, &o->username) &&
           copy_text(d, 3, &o->password_file) && copy_text(d, 4, &o->ca_file) &&
           copy_text(d, 5, &o->cert_file) && copy_text(d, 6, &o->key_file) && copy_text(d, 7, &o->will_topic);
}

int mqtt_dial_start(const struct mqtt_options *options, struct mqtt_dial **out)
{
    pthread_attr_t attr;
    pthread_t thread;
    struct mqtt_dial *d = calloc(1, sizeof *d);
    if (d == NULL)
        return RC_NOMEM;
    d->fd = event_new();
    d->holders = 2;
    (void)pthread_mutex_init(&d->lock, NULL);
    int rc = d->fd < 0 ? RC_IO : RC_OK;
    if (rc == RC_OK && !copy_options(d, options))
        rc = RC_NOMEM;
    if (rc != RC_OK) {
        dial_free(d);
        return rc;
    }
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&attr, DIAL_STACK);
    rc = pthread_create(&thread, &attr, helper, d);
    (void)pthread_attr_destroy(&attr);
    if (rc != 0) {
        errno = rc;
        dial_free(d);
        return RC_IO;
    }
    *out = d;
    return RC_OK;
}

int mqtt_dial_fd(const struct mqtt_dial *d)
{
    return d->fd;
}

struct mosquitto *mqtt_dial_take(struct mqtt_dial *d, char why[MQTT_WHY])
{
    (void)pthread_mutex_lock(&d->lock);
    struct mosquitto *mosq = d->mosq;
    d->mosq = NULL;
    memcpy(why, d->why, MQTT_WHY);
    (void)pthread_mutex_unlock(&d->lock);
    let_go(d);
    return mosq;
}

void mqtt_dial_leave(struct mqtt_dial *d)
{
    if (d != NULL)
        let_go(d);
}
