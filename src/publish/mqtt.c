#include "publish/mqtt.h"
#include <errno.h>
#include <limits.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "core/clock.h"
#include "core/rc.h"
#include "publish/mqtt_dial.h"

#define NS_PER_MS 1000000
#define READ_ROUNDS                                                                                          \
    64 /* the library reads a bounded number of packets a call; more wait in its TLS buffer                  \
        */

struct mqtt {
    enum mqtt_phase phase;
    struct mqtt_dial *dial;
    struct mosquitto *mosq;
    struct mqtt_events events;
    int64_t greeting_until_ns;
    uint64_t heard; /* callbacks so far */
    bool refused;   /* CONNACK said no */
    bool leaving;
    unsigned receive_maximum;
    bool no_retain;
    char why[MQTT_WHY];
};

static void library_init(void)
{
    (void)mosquitto_lib_init();
}

void mqtt_library_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, library_init);
}

const char *mqtt_reason_text(int reason)
{
    return mosquitto_reason_string(reason);
}

static void say_why(struct mqtt *m, const char *why)
{
    if (m->why[0] == '\0')
        (void)snprintf(m->why, sizeof m->why, "%s", why);
}

static void go_down(struct mqtt *m, const char *why)
{
    say_why(m, why);
    m->phase = MQTT_DOWN;
}

/* The words for what a broker answers, where the library's own would not help somebody at the site. */
static const char *refusal_text(int reason)
{
    switch (reason) {
    case CONNACK_REFUSED_PROTOCOL_VERSION:
    case MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION:
        return "the broker does not speak MQTT 5";
    case CONNACK_REFUSED_IDENTIFIER_REJECTED:
    case MQTT_RC_CLIENTID_NOT_VALID:
        return "the broker refuses the client_id";
    case CONNACK_REFUSED_BAD_USERNAME_PASSWORD:
    case MQTT_RC_BAD_USERNAME_OR_PASSWORD:
        return "the broker refuses user name or password";
    case CONNACK_REFUSED_NOT_AUTHORIZED:
    case MQTT_RC_NOT_AUTHORIZED:
        return "the broker does not authorise us: user name, password, client_id?";
    default:
        return mosquitto_reason_string(reason);
    }
}

static void on_connect(struct mosquitto *mosq, void *arg, int reason, int flags,
                       const mosquitto_property *props)
{
    struct mqtt *m = arg;
    uint16_t receive_maximum = 0;
    uint8_t retain = 1;
    (void)mosq;
    (void)flags;
    m->heard++;
    if (reason != 0) {
        m->refused = true;
        m->why[0] = '\0';
        say_why(m, refusal_text(reason));
        return;
    }
    (void)mosquitto_property_read_int16(props, MQTT_PROP_RECEIVE_MAXIMUM, &receive_maximum, false);
    (void)mosquitto_property_read_byte(props, MQTT_PROP_RETAIN_AVAILABLE, &retain, false);
    m->receive_maximum = receive_maximum;
    m->no_retain = retain == 0;
    m->phase = MQTT_UP;
}

static void on_disconnect(struct mosquitto *mosq, void *arg, int rc, const mosquitto_property *props)
{
    struct mqtt *m = arg;
    (void)mosq;
    (void)props;
    /* From 128 on it is the reason in the broker's DISCONNECT; below it is the library's own code. */
    if (rc >= 128)
        say_why(m, mosquitto_reason_string(rc));
}

static void on_publish(struct mosquitto *mosq, void *arg, int mid, int reason,
                       const mosquitto_property *props)
{
    struct mqtt *m = arg;
    (void)mosq;
    (void)props;
    m->heard++;
    m->events.acked(m->events.arg, mid, reason);
}

static void on_subscribe(struct mosquitto *mosq, void *arg, int mid, int n, const int *granted,
                         const mosquitto_property *props)
{
    struct mqtt *m = arg;
    (void)mosq;
    (void)props;
    m->heard++;
    m->events.subscribed(m->events.arg, mid, n > 0 ? granted[0] : MQTT_RC_UNSPECIFIED);
}

static void on_message(struct mosquitto *mosq, void *arg, const struct mosquitto_message *msg,
                       const mosquitto_property *props)
{
    struct mqtt *m = arg;
    (void)mosq;
    (void)props;
    m->heard++;
    m->events.message(m->events.arg, msg->topic, msg->payload,
                      msg->payloadlen < 0 ? 0 : (size_t)msg->payloadlen, msg->retain);
}

static void on_log(struct mosquitto *mosq, void *arg, int level, const char *line)
{
    struct mqtt *m = arg;
    (void)mosq;
    mqtt_dial_note(m->why, level, line);
}

int mqtt_open(const struct mqtt_options *options, const struct mqtt_events *events, struct mqtt **out)
{
    struct mqtt *m = calloc(1, sizeof *m);
    if (m == NULL)
        return RC_NOMEM;
    m->events = *events;
    m->phase = MQTT_DIALLING;
    const int rc = mqtt_dial_start(options, &m->dial);
    if (rc != RC_OK) {
        free(m);
        return rc;
    }
    *out = m;
    return RC_OK;
}

int mqtt_fd(const struct mqtt *m, short *events)
{
    *events = POLLIN;
    if (m->phase == MQTT_DOWN)
        return -1;
    if (m->phase == MQTT_DIALLING)
        return mqtt_dial_fd(m->dial);
    if (mosquitto_want_write(m->mosq))
        *events = POLLIN | POLLOUT;
    return mosquitto_socket(m->mosq);
}

static void take_dial(struct mqtt *m)
{
    struct mqtt_dial *dial = m->dial;
    m->dial = NULL;
    m->mosq = mqtt_dial_take(dial, m->why);
    if (m->mosq == NULL) {
        go_down(m, "no memory");
        return;
    }
    mosquitto_user_data_set(m->mosq, m);
    mosquitto_connect_v5_callback_set(m->mosq, on_connect);
    mosquitto_disconnect_v5_callback_set(m->mosq, on_disconnect);
    mosquitto_publish_v5_callback_set(m->mosq, on_publish);
    mosquitto_subscribe_v5_callback_set(m->mosq, on_subscribe);
    mosquitto_message_v5_callback_set(m->mosq, on_message);
    mosquitto_log_callback_set(m->mosq, on_log);
    m->phase = MQTT_GREETING;
    m->greeting_until_ns = clock_wire_ns() + (int64_t)MQTT_GREETING_MS * NS_PER_MS;
}

static int read_all(struct mqtt *m)
{
    for (int i = 0; i < READ_ROUNDS; i++) {
        const uint64_t before = m->heard;
        const int rc = mosquitto_loop_read(m->mosq, 1);
        if (rc != MOSQ_ERR_SUCCESS || m->heard == before)
            return rc;
    }
    return MOSQ_ERR_SUCCESS;
}

/* A connect that failed is told by the socket itself; the library would only say that the line was lost. */
static int socket_error(const struct mqtt *m)
{
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(mosquitto_socket(m->mosq), SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        return errno;
    return error;
}

/* The library overlooks some ends: a refused connection whose error its TLS took with the first write. Left
 * alone the descriptor would be ready for ever. */
static const char *lost_words(const struct mqtt *m, int error)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    if (error != 0)
        return strerror(error);
    if (getpeername(mosquitto_socket(m->mosq), (struct sockaddr *)&peer, &len) != 0)
        return strerror(ECONNREFUSED);
    return "connection lost";
}

static void fail(struct mqtt *m, int rc)
{
    const int cause = errno;
    if (rc == MOSQ_ERR_KEEPALIVE)
        go_down(m, m->phase == MQTT_UP ? "the broker does not answer any more" : "no answer from the broker");
    else if (rc == MOSQ_ERR_CONN_LOST || rc == MOSQ_ERR_NO_CONN)
        go_down(m, m->phase == MQTT_UP ? "connection lost" : "the broker closed the connection");
    else if (rc == MOSQ_ERR_ERRNO)
        go_down(m, strerror(cause));
    else
        go_down(m, mosquitto_strerror(rc));
}

static int serve_socket(struct mqtt *m, short revents)
{
    int rc = MOSQ_ERR_SUCCESS;
    /* Half-way through a TLS handshake the library does not say what it waits for: both are tried. */
    if (m->phase == MQTT_GREETING)
        revents |= POLLIN | POLLOUT;
    if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        rc = read_all(m);
    if (rc == MOSQ_ERR_SUCCESS && (revents & POLLOUT) != 0)
        rc = mosquitto_loop_write(m->mosq, 1);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_loop_misc(m->mosq);
    return rc;
}

enum mqtt_phase mqtt_service(struct mqtt *m, short revents)
{
    if (m->phase == MQTT_DIALLING) {
        if ((revents & POLLIN) != 0)
            take_dial(m);
        return m->phase;
    }
    if (m->phase == MQTT_DOWN)
        return m->phase;
    const bool hung_up = (revents & (POLLERR | POLLHUP)) != 0;
    const int error = hung_up ? socket_error(m) : 0;
    const uint64_t before = m->heard;
    const int rc = serve_socket(m, revents);
    if (m->refused || rc != MOSQ_ERR_SUCCESS || mosquitto_socket(m->mosq) < 0) {
        if (error != 0)
            say_why(m, strerror(error)); /* more than the library's "lost" */
        if (m->leaving)
            m->phase = MQTT_DOWN;
        else
            fail(m, rc == MOSQ_ERR_SUCCESS ? MOSQ_ERR_CONN_LOST : rc);
    } else if (hung_up && m->heard == before) {
        go_down(m, lost_words(m, error));
    } else if (m->phase == MQTT_GREETING && clock_wire_ns() > m->greeting_until_ns) {
        go_down(m, "no answer from the broker");
    }
    return m->phase;
}

const char *mqtt_why(const struct mqtt *m)
{
    return m->why;
}

unsigned mqtt_receive_maximum(const struct mqtt *m)
{
    return m->receive_maximum;
}

bool mqtt_congested(const struct mqtt *m)
{
    return m->phase != MQTT_UP || mosquitto_want_write(m->mosq);
}

int mqtt_publish(struct mqtt *m, const char *topic, const void *payload, size_t len, int qos, bool retain,
                 int *mid)
{
    if (m->phase != MQTT_UP)
        return RC_LINK;
    if (len > INT_MAX)
        return RC_FULL;
    const int rc =
        mosquitto_publish_v5(m->mosq, mid, topic, (int)len, payload, qos, retain && !m->no_retain, NULL);
    switch (rc) {
    case MOSQ_ERR_SUCCESS:
        return RC_OK;
    case MOSQ_ERR_OVERSIZE_PACKET:
    case MOSQ_ERR_PAYLOAD_SIZE:
        return RC_FULL;
    case MOSQ_ERR_INVAL:
    case MOSQ_ERR_MALFORMED_UTF8:
        return RC_RANGE;
    default:
        fail(m, rc);
        return RC_LINK;
    }
}

int mqtt_subscribe(struct mqtt *m, const char *topic, int qos, bool retained, int *mid)
{
    if (m->phase != MQTT_UP)
        return RC_LINK;
    const int options = MQTT_SUB_OPT_NO_LOCAL | MQTT_SUB_OPT_RETAIN_AS_PUBLISHED |
                        (retained ? MQTT_SUB_OPT_SEND_RETAIN_ALWAYS : MQTT_SUB_OPT_SEND_RETAIN_NEVER);
    const int rc = mosquitto_subscribe_v5(m->mosq, mid, topic, qos, options, NULL);
    if (rc != MOSQ_ERR_SUCCESS)
        fail(m, rc);
    return rc == MOSQ_ERR_SUCCESS ? RC_OK : RC_LINK;
}

int mqtt_unsubscribe(struct mqtt *m, const char *topic)
{
    if (m->phase != MQTT_UP)
        return RC_LINK;
    const int rc = mosquitto_unsubscribe(m->mosq, NULL, topic);
    if (rc != MOSQ_ERR_SUCCESS)
        fail(m, rc);
    return rc == MOSQ_ERR_SUCCESS ? RC_OK : RC_LINK;
}

void mqtt_goodbye(struct mqtt *m)
{
    if (m->phase != MQTT_UP) {
        m->phase = MQTT_DOWN;
        return;
    }
    m->leaving = true;
    if (mosquitto_disconnect_v5(m->mosq, 0, NULL) != MOSQ_ERR_SUCCESS || mosquitto_socket(m->mosq) < 0)
        m->phase = MQTT_DOWN;
}

void mqtt_close(struct mqtt *m)
{
    if (m == NULL)
        return;
    mqtt_dial_leave(m->dial);
    if (m->mosq != NULL)
        mosquitto_destroy(m->mosq);
    free(m);
}
