#include "sim/sim_modbus.h"

#include <string.h>

#include "sim/sim_image.h"

uint16_t sim_modbus_crc(const uint8_t *frame, size_t n)
{
    unsigned crc = 0xFFFF;
    for (size_t i = 0; i < n; i++) {
        crc ^= frame[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0xA001 : crc >> 1;
    }
    return (uint16_t)crc;
}

size_t sim_modbus_seal(uint8_t *frame, size_t n)
{
    uint16_t crc = sim_modbus_crc(frame, n);
    frame[n] = (uint8_t)(crc & 0xFF);
    frame[n + 1] = (uint8_t)(crc >> 8);
    return n + 2;
}

bool sim_modbus_sealed(const uint8_t *frame, size_t n)
{
    return n >= 4 && sim_modbus_crc(frame, n) == 0; /* a frame with its own CRC behind it gives 0 */
}

size_t sim_modbus_request_length(const uint8_t *frame, size_t n)
{
    if (n < 2)
        return 0;
    if (frame[1] >= 1 && frame[1] <= 6)
        return 8;
    if (frame[1] == 15 || frame[1] == 16)
        return n < 7 ? 0 : (size_t)frame[6] + 9;
    return SIZE_MAX;
}

static uint16_t word(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

size_t sim_modbus_exception(const uint8_t *request, int code, uint8_t reply[SIM_FRAME_MAX])
{
    reply[0] = request[0];
    reply[1] = request[1] | 0x80;
    reply[2] = (uint8_t)code;
    return sim_modbus_seal(reply, 3);
}

/* Each of the four fills the reply from its third byte on, sets its length, and returns an exception code. */
static int read_coils(const struct sim_meter *m, const uint8_t *q, uint8_t *reply, size_t *len)
{
    uint16_t first = word(q + 2), count = word(q + 4);
    if (count == 0 || count > 2000)
        return SIM_EXC_VALUE;
    if (first != SIM_COIL_RELAY || count != 1)
        return SIM_EXC_ADDRESS;
    reply[2] = 1;
    reply[3] = m->relay_closed;
    *len = 4;
    return SIM_EXC_NONE;
}

static int read_registers(const struct sim_meter *m, uint32_t resolution_u, const uint8_t *q, uint8_t *reply,
                          size_t *len)
{
    uint16_t words[SIM_MAX_REGISTERS], count = word(q + 4);
    int exception = sim_image_read(m, resolution_u, word(q + 2), count, words);
    if (exception != SIM_EXC_NONE)
        return exception;
    reply[2] = (uint8_t)(count * 2);
    for (size_t i = 0; i < count; i++) {
        reply[3 + 2 * i] = (uint8_t)(words[i] >> 8);
        reply[4 + 2 * i] = (uint8_t)(words[i] & 0xFF);
    }
    *len = 3 + (size_t)count * 2;
    return SIM_EXC_NONE;
}

static int write_coil(struct sim_meter *m, const uint8_t *q, uint8_t *reply, size_t *len)
{
    uint16_t value = word(q + 4);
    if (value != 0xFF00 && value != 0x0000)
        return SIM_EXC_VALUE;
    if (word(q + 2) != SIM_COIL_RELAY)
        return SIM_EXC_ADDRESS;
    m->relay_closed = value == 0xFF00;
    memcpy(reply + 2, q + 2, 4);
    *len = 6;
    return SIM_EXC_NONE;
}

static int write_registers(struct sim_meter *m, const uint8_t *q, size_t n, uint8_t *reply, size_t *len)
{
    uint16_t words[123], count = word(q + 4);
    if (count == 0 || count > 123 || q[6] != count * 2 || n != (size_t)count * 2 + 9)
        return SIM_EXC_VALUE;
    for (size_t i = 0; i < count; i++)
        words[i] = word(q + 7 + 2 * i);
    int exception = sim_image_write(m, word(q + 2), count, words);
    memcpy(reply + 2, q + 2, 4);
    *len = 6;
    return exception;
}

size_t sim_modbus_answer(struct sim_meter *m, uint32_t resolution_u, const uint8_t *q, size_t n,
                         uint8_t reply[SIM_FRAME_MAX])
{
    size_t len = 0;
    int exception = SIM_EXC_VALUE;
    reply[0] = q[0]; /* kept when the request changes the address */
    reply[1] = q[1];
    switch (q[1]) {
    case 1:
        if (n == 8)
            exception = read_coils(m, q, reply, &len);
        break;
    case 3:
        if (n == 8)
            exception = read_registers(m, resolution_u, q, reply, &len);
        break;
    case 5:
        if (n == 8)
            exception = write_coil(m, q, reply, &len);
        break;
    case 16:
        if (n >= 11)
            exception = write_registers(m, q, n, reply, &len);
        break;
    default:
        exception = SIM_EXC_FUNCTION;
    }
    if (exception != SIM_EXC_NONE)
        return sim_modbus_exception(q, exception, reply);
    return sim_modbus_seal(reply, len);
}
