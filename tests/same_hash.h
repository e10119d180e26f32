/* Texts that all have one hash by FNV-1a, made as someone would who means ill: behind any text there are two
 * blocks after which the hash is the same, so a row of n such pairs spells 2 to the n texts. */
#ifndef LAMBDEST_TESTS_SAME_HASH_H
#define LAMBDEST_TESTS_SAME_HASH_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAME_HASH_BLOCK = 6, /* letters of a block */
    SAME_HASH_SLOTS = 1 << 18
};

typedef struct same_hash_slot {
    uint32_t hash;
    uint32_t block; /* its number; 0: none */
} same_hash_slot;

typedef char same_hash_pair[2][SAME_HASH_BLOCK];

static uint32_t same_hash_on(uint32_t hash, const char *text, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT32_C(16777619);
    return hash;
}

static void same_hash_spell(uint32_t number, char block[SAME_HASH_BLOCK])
{
    int i;

    for (i = 0; i < SAME_HASH_BLOCK; i++, number >>= 4)
        block[i] = (char)('a' + (number & 15));
}

/* Fills `pairs` with pairs of blocks that may stand behind `text`, one after another. False: no memory. */
static int same_hash_find(const char *text, size_t len, same_hash_pair *pairs, size_t count)
{
    same_hash_slot *slots = malloc(SAME_HASH_SLOTS * sizeof *slots), *slot;
    uint32_t from = same_hash_on(UINT32_C(2166136261), text, len), hash, number;
    size_t i;

    if (!slots)
        return 0;
    for (i = 0; i < count; i++) {
        memset(slots, 0, SAME_HASH_SLOTS * sizeof *slots);
        for (number = 1;; number++) {
            same_hash_spell(number, pairs[i][1]);
            hash = same_hash_on(from, pairs[i][1], SAME_HASH_BLOCK);
            slot = &slots[hash % SAME_HASH_SLOTS];
            if (slot->block && slot->hash == hash)
                break;
            slot->hash = hash;
            slot->block = number;
        }
        same_hash_spell(slot->block, pairs[i][0]);
        from = hash;
    }
    free(slots);
    return 1;
}

/* The text of this number, without a NUL; returns its length. */
static size_t same_hash_put(char *out, same_hash_pair *pairs, size_t count, size_t number)
{
    size_t i;

    for (i = 0; i < count; i++)
        memcpy(out + i * SAME_HASH_BLOCK, pairs[i][number >> i & 1], SAME_HASH_BLOCK);
    return count * SAME_HASH_BLOCK;
}

#endif
