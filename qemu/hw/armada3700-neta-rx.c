/*
 * Marvell Armada 3720 Ethernet: receive queues
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A frame for a queue that is enabled but has no descriptor waits in QEMU's
 * network until software gives one; the real controller discards it. Frames
 * for a port or queue that is off are lost, as on the real one.
 */
#include "qemu/osdep.h"
#include <zlib.h>
#include "qemu/log.h"
#include "net/eth.h"
#include "sysemu/dma.h"
#include "hw/mox/armada3700-neta-regs.h"

static unsigned queue_number(const A3700NetaRxQueue *queue)
{
    return queue - queue->neta->rx;
}

/* Interrupts: by number of frames, or by time */

bool a3700_neta_rxq_interrupt(const A3700NetaState *s, unsigned q)
{
    const A3700NetaRxQueue *queue = &s->rx[q];
    unsigned threshold = RING_SIZE(QUEUE_REG(s, RXQ_THRESHOLD, q));

    return queue->occupied > threshold ||
           (queue->waited && queue->occupied > 0);
}

static void coalescing_over(void *opaque)
{
    A3700NetaRxQueue *queue = opaque;

    queue->waited = true;
    a3700_neta_update_irq(queue->neta);
}

static void start_waiting(A3700NetaRxQueue *queue)
{
    A3700NetaState *s = queue->neta;
    uint32_t ticks = QUEUE_REG(s, RXQ_TIME, queue_number(queue));

    if (queue->waited || timer_pending(queue->coalescing)) {
        return;
    }
    if (ticks == 0) {
        queue->waited = true;
        return;
    }
    timer_mod(queue->coalescing,
              qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
              muldiv64(ticks, NANOSECONDS_PER_SECOND, s->clock_frequency));
}

static void stop_waiting(A3700NetaRxQueue *queue)
{
    timer_del(queue->coalescing);
    queue->waited = false;
}

/* Software has taken and given descriptors. */
void a3700_neta_rxq_update(A3700NetaState *s, unsigned q, uint32_t value)
{
    A3700NetaRxQueue *queue = &s->rx[q];
    unsigned ring = RING_SIZE(QUEUE_REG(s, RXQ_SIZE, q));
    unsigned taken = value & 0xff;
    unsigned given = (value >> 16) & 0xff;

    if (taken > queue->occupied) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: %u descriptors taken from receive "
                      "queue %u, %u are filled\n", TYPE_A3700_NETA, taken, q,
                      queue->occupied);
        taken = queue->occupied;
    }
    queue->occupied -= taken;
    if (queue->free + given + queue->occupied > ring) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: more descriptors given to receive "
                      "queue %u than its ring has, %u\n", TYPE_A3700_NETA, q,
                      ring);
        queue->free = ring > queue->occupied ? ring - queue->occupied : 0;
    } else {
        queue->free += given;
    }
    if (taken > 0) {
        stop_waiting(queue);
        if (queue->occupied > 0) {
            start_waiting(queue);
        }
    }
    a3700_neta_update_irq(s);
    if (given > 0) {
        a3700_neta_flush(s);
    }
}

/* Frames into memory */

static void store_frame(A3700NetaState *s, unsigned q, const uint8_t *frame,
                        size_t size, uint32_t status, size_t buffer_size)
{
    A3700NetaRxQueue *queue = &s->rx[q];
    unsigned ring = RING_SIZE(QUEUE_REG(s, RXQ_SIZE, q));
    uint32_t base = QUEUE_REG(s, RXQ_BASE, q);
    uint32_t offset = RXQ_CONFIG_OFFSET(QUEUE_REG(s, RXQ_CONFIG, q));

    for (size_t done = 0; done < size;) {
        size_t chunk = MIN(size - done, buffer_size);
        bool first = done == 0;
        bool last = done + chunk == size;
        uint8_t desc[DESC_SIZE];
        uint32_t addr;

        if (queue->next >= ring) {
            queue->next = 0;
        }
        addr = base + DESC_SIZE * queue->next;
        dma_memory_read(&address_space_memory, addr, desc, sizeof(desc),
                        MEMTXATTRS_UNSPECIFIED);
        stl_le_p(desc + DESC_COMMAND, (first ? RXD_FIRST | status : 0) |
                                      (last ? RXD_LAST : 0));
        stw_le_p(desc + DESC_LENGTH, first ? size : chunk);
        dma_memory_write(&address_space_memory,
                         ldl_le_p(desc + DESC_BUFFER) + offset, frame + done,
                         chunk, MEMTXATTRS_UNSPECIFIED);
        dma_memory_write(&address_space_memory, addr, desc, DESC_BUFFER,
                         MEMTXATTRS_UNSPECIFIED);
        queue->next++;
        queue->free--;
        queue->occupied++;
        done += chunk;
    }
}

/* The number of descriptors for a frame; 0: the queue cannot take it. */
static unsigned descriptors_for(const A3700NetaState *s, unsigned q,
                                size_t size)
{
    uint32_t config = QUEUE_REG(s, RXQ_SIZE, q);
    size_t buffer_size = RXQ_BUFFER_SIZE(config);

    if (QUEUE_REG(s, RXQ_CONFIG, q) & RXQ_CONFIG_HW_BUFFERS) {
        qemu_log_mask(LOG_UNIMP, "%s: hardware buffer management\n",
                      TYPE_A3700_NETA);
        return 0;
    }
    if (buffer_size == 0 ||
        DIV_ROUND_UP(size, buffer_size) > RING_SIZE(config)) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: receive queue %u has no place for "
                      "a frame of %zu bytes\n", TYPE_A3700_NETA, q, size);
        return 0;
    }
    return DIV_ROUND_UP(size, buffer_size);
}

/* False: there is no descriptor for it now. */
static bool receive_into(A3700NetaState *s, unsigned q, const uint8_t *data,
                         size_t size)
{
    uint8_t frame[NETA_HEADER + NETA_FRAME_MAX + NETA_FCS] = { };
    size_t padded = MAX(size, NETA_FRAME_MIN);
    size_t whole = NETA_HEADER + padded + NETA_FCS;
    unsigned needed = descriptors_for(s, q, whole);

    if (needed == 0) {
        REG(s, RX_DISCARDED)++;
        return true;
    }
    if (s->rx[q].free < needed) {
        return false;
    }
    memcpy(frame + NETA_HEADER, data, size);
    stl_le_p(frame + NETA_HEADER + padded,
             crc32(0, frame + NETA_HEADER, padded));
    store_frame(s, q, frame, whole, a3700_neta_rx_checksum(data, size),
                RXQ_BUFFER_SIZE(QUEUE_REG(s, RXQ_SIZE, q)));
    a3700_neta_count_rx(s, frame + NETA_HEADER, padded);
    start_waiting(&s->rx[q]);
    a3700_neta_update_irq(s);
    return true;
}

/* The network's callback: size if the frame is done with, 0: try it again. */
ssize_t a3700_neta_receive(NetClientState *nc, const uint8_t *data,
                           size_t size)
{
    A3700NetaState *s = qemu_get_nic_opaque(nc);
    int q;

    if (!a3700_neta_running(s)) {
        return size;
    }
    if (size < ETH_HLEN) {
        REG(s, MIB_RX_UNDERSIZE)++;
        return size;
    }
    if (size > NETA_FRAME_MAX ||
        size + NETA_FCS > GMAC_MAX_RX(REG(s, GMAC_CTRL_0))) {
        REG(s, MIB_RX_OVERSIZE)++;
        return size;
    }
    q = a3700_neta_filter(s, data, size);
    if (q < 0 || !(s->rx_enabled & BIT(q))) {
        return size;
    }
    return receive_into(s, q, data, size) ? size : 0;
}

/* Life */

/* Starts a ring anew: its base was written. */
void a3700_neta_rxq_restart(A3700NetaState *s, unsigned q)
{
    A3700NetaRxQueue *queue = &s->rx[q];

    queue->next = 0;
    queue->occupied = 0;
    queue->free = 0;
    stop_waiting(queue);
    a3700_neta_update_irq(s);
}

void a3700_neta_rx_reset(A3700NetaState *s)
{
    s->rx_enabled = 0;
    for (unsigned q = 0; q < A3700_NETA_QUEUES; q++) {
        a3700_neta_rxq_restart(s, q);
    }
}

void a3700_neta_rx_init(A3700NetaState *s)
{
    for (unsigned q = 0; q < A3700_NETA_QUEUES; q++) {
        s->rx[q].neta = s;
        s->rx[q].coalescing = timer_new_ns(QEMU_CLOCK_VIRTUAL,
                                           coalescing_over, &s->rx[q]);
    }
}

void a3700_neta_rx_finalize(A3700NetaState *s)
{
    for (unsigned q = 0; q < A3700_NETA_QUEUES; q++) {
        timer_free(s->rx[q].coalescing);
    }
}
