/*
 * Marvell Armada 3720 Ethernet: transmit queues
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Frames go out while the register write that adds them is served. One run
 * looks at a limited number of descriptors; what is left goes on by a bottom
 * half, so that no chain of descriptors holds the machine up.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "net/eth.h"
#include "sysemu/dma.h"
#include "hw/mox/armada3700-neta-regs.h"

#define RUN_DESCRIPTORS     512

typedef struct TxDescriptor {
    uint32_t command;
    uint32_t buffer;
    uint16_t length;
} TxDescriptor;

static TxDescriptor fetch(const A3700NetaState *s, unsigned q, unsigned index)
{
    uint32_t addr = QUEUE_REG(s, TXQ_BASE, q) + DESC_SIZE * index;
    uint8_t desc[DESC_SIZE] = { };

    dma_memory_read(&address_space_memory, addr, desc, sizeof(desc),
                    MEMTXATTRS_UNSPECIFIED);
    return (TxDescriptor) {
        .command = ldl_le_p(desc + DESC_COMMAND),
        .buffer = ldl_le_p(desc + DESC_BUFFER),
        .length = lduw_le_p(desc + DESC_LENGTH),
    };
}

/* The number of descriptors up to the last of a frame; 0: it is not there. */
static unsigned frame_descriptors(const A3700NetaState *s, unsigned q)
{
    unsigned ring = RING_SIZE(QUEUE_REG(s, TXQ_SIZE, q));
    unsigned limit = MIN(s->tx[q].pending, RUN_DESCRIPTORS);

    for (unsigned i = 0; i < limit; i++) {
        if (fetch(s, q, (s->tx[q].next + i) % ring).command & TXD_LAST) {
            return i + 1;
        }
    }
    return 0;
}

static void descriptors_done(A3700NetaState *s, unsigned q, unsigned ring,
                             unsigned count)
{
    A3700NetaTxQueue *queue = &s->tx[q];

    queue->next = (queue->next + count) % ring;
    queue->pending -= count;
    queue->sent = MIN(queue->sent + count, RING_MAX);
}

static void tx_error(A3700NetaState *s, unsigned q, const char *what)
{
    qemu_log_mask(LOG_GUEST_ERROR, "%s: transmit queue %u: %s\n",
                  TYPE_A3700_NETA, q, what);
    REG(s, MISC_CAUSE) |= MISC_TXQ_ERROR(q);
}

/* Collects a frame of count descriptors and sends it. */
static void send_frame(A3700NetaState *s, unsigned q, unsigned count)
{
    uint8_t frame[NETA_FRAME_MAX] = { };
    unsigned ring = RING_SIZE(QUEUE_REG(s, TXQ_SIZE, q));
    uint32_t command = 0;
    size_t size = 0;

    for (unsigned i = 0; i < count; i++) {
        TxDescriptor desc = fetch(s, q, (s->tx[q].next + i) % ring);

        if (i == 0) {
            command = desc.command;
        }
        if (!(desc.command & TXD_FIRST) != (i > 0)) {
            tx_error(s, q, "a frame has no first descriptor, or two");
            return;
        }
        if (size + desc.length > sizeof(frame)) {
            tx_error(s, q, "a frame is too long");
            return;
        }
        dma_memory_read(&address_space_memory, desc.buffer, frame + size,
                        desc.length, MEMTXATTRS_UNSPECIFIED);
        size += desc.length;
    }
    if (size < ETH_HLEN) {
        tx_error(s, q, "a frame is too short");
        return;
    }
    a3700_neta_tx_checksum(command, frame, size);
    a3700_neta_count_tx(s, frame, size);
    qemu_send_packet(qemu_get_queue(s->nic), frame,
                     MAX(size, NETA_FRAME_MIN));
}

/* Returns the number of descriptors that it has looked at. */
static unsigned send_queue(A3700NetaState *s, unsigned q, unsigned budget)
{
    unsigned ring = RING_SIZE(QUEUE_REG(s, TXQ_SIZE, q));
    unsigned looked = 0;

    while (ring > 0 && s->tx[q].pending > 0 && looked < budget) {
        unsigned count = frame_descriptors(s, q);

        if (count == 0 && s->tx[q].pending < MIN(ring, RUN_DESCRIPTORS)) {
            /* The rest of the frame may still be added. */
            return looked;
        }
        if (count == 0) {
            tx_error(s, q, "a frame has no last descriptor");
            count = MIN(s->tx[q].pending, RUN_DESCRIPTORS);
        } else {
            send_frame(s, q, count);
        }
        descriptors_done(s, q, ring, count);
        looked += count;
    }
    return looked;
}

/* Sends what is pending, the queue with the highest number first. */
void a3700_neta_send(A3700NetaState *s)
{
    unsigned looked = 0;

    if (!a3700_neta_running(s)) {
        return;
    }
    for (int q = A3700_NETA_QUEUES - 1; q >= 0; q--) {
        if (s->tx_enabled & BIT(q)) {
            looked += send_queue(s, q, RUN_DESCRIPTORS - looked);
        }
        if (looked >= RUN_DESCRIPTORS) {
            qemu_bh_schedule(s->send);
            break;
        }
    }
    a3700_neta_update_irq(s);
}

/* Software has added descriptors, and taken back sent ones. */
void a3700_neta_txq_update(A3700NetaState *s, unsigned q, uint32_t value)
{
    A3700NetaTxQueue *queue = &s->tx[q];
    unsigned ring = RING_SIZE(QUEUE_REG(s, TXQ_SIZE, q));
    unsigned added = value & 0xff;
    unsigned taken = (value >> 16) & 0xff;

    if (taken > queue->sent) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: %u descriptors taken back from "
                      "transmit queue %u, %u are sent\n", TYPE_A3700_NETA,
                      taken, q, queue->sent);
        taken = queue->sent;
    }
    queue->sent -= taken;
    if (queue->pending + added > ring) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: more descriptors added to "
                      "transmit queue %u than its ring has, %u\n",
                      TYPE_A3700_NETA, q, ring);
        added = ring > queue->pending ? ring - queue->pending : 0;
    }
    queue->pending += added;
    a3700_neta_send(s);
    a3700_neta_update_irq(s);
}

/* Starts a ring anew: its base or its size was written. */
void a3700_neta_txq_restart(A3700NetaState *s, unsigned q)
{
    s->tx[q] = (A3700NetaTxQueue) { };
    a3700_neta_update_irq(s);
}

void a3700_neta_tx_reset(A3700NetaState *s)
{
    s->tx_enabled = 0;
    for (unsigned q = 0; q < A3700_NETA_QUEUES; q++) {
        a3700_neta_txq_restart(s, q);
    }
}
