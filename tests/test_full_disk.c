/* The spool and the stream on a disk that is really full: a small file system in memory, seen by this process
 * alone. Where the system does not let it be made the test says so, and in continuous integration it fails. */
#define _GNU_SOURCE /* unshare */

#include "delivery.h"
#include "directory.h"

#include <sched.h>
#include <sys/mount.h>

enum {
    DISK = 256 * 1024,
    INODES = 24,
    LARGEST = 24000,
    MOST = 64
};

static unsigned long full;

static bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return done;
}

/* Not being root, it is that of a world of its own, in which it owns what it makes. */
static bool leave_world(void)
{
    unsigned uid = getuid(), gid = getgid();
    char users[32], groups[32];

    if (!unshare(CLONE_NEWNS))
        return true;
    snprintf(users, sizeof users, "0 %u 1", uid);
    snprintf(groups, sizeof groups, "0 %u 1", gid);
    return !unshare(CLONE_NEWUSER | CLONE_NEWNS) && put("/proc/self/setgroups", "deny") &&
           put("/proc/self/uid_map", users) && put("/proc/self/gid_map", groups);
}

/* A place of its own in the tree, then the disk. */
static bool make_disk(const char *path)
{
    static bool apart;
    char how[64];

    if (!apart && !leave_world())
        return false;
    if (!apart && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL))
        return false;
    apart = true;
    snprintf(how, sizeof how, "size=%d,nr_inodes=%d", DISK, INODES);
    return !mount("tmpfs", path, "tmpfs", 0, how);
}

static void begin(directory *d)
{
    directory_make(d);
    if (make_disk(d->path)) {
        close(d->fd);
        d->fd = open(d->path, O_RDONLY | O_DIRECTORY);
        assert_true(d->fd >= 0);
        return;
    }
    directory_remove(d);
    print_message("no disk to fill could be made here: mounting is not allowed\n");
    if (getenv("CI"))
        fail_msg("the full disk was not tried");
    skip();
}

static void end(directory *d)
{
    close(d->fd);
    umount2(d->path, MNT_DETACH);
    rmdir(d->path);
}

static lambdest_router *router_of(support_memory *m, const lambdest_sink *sink)
{
    lambdest_router *router = new_router(m);

    add(router, LAMBDEST_ON_SUCCESS, "disk", sink);
    return router;
}

/* ---- the spool ---- */

typedef struct scene {
    directory dir;
    lambdest_spool *spool;
    lambdest_router *router;
    uint64_t seed;
} scene;

static void open_scene(scene *s, support_memory *m)
{
    lambdest_options options = options_of(m);
    lambdest_sink sink = {.size = sizeof sink};

    begin(&s->dir);
    assert_int_equal(lambdest_spool_open(s->dir.path, strlen(s->dir.path), &options, &s->spool, NULL), 0);
    assert_int_equal(lambdest_spool_sink(s->spool, &sink), 0);
    s->router = router_of(m, &sink);
    s->seed = 7;
}

static void close_scene(scene *s)
{
    lambdest_router_free(s->router);
    lambdest_spool_free(s->spool);
    end(&s->dir);
}

/* A record whose request payload alone says how it goes on. */
static lambdest_envelope *sized(support_memory *m, size_t size)
{
    char *text = sized_record(size, size / 7);
    lambdest_envelope *env = parse_text(m, text);

    free(text);
    return env;
}

/* Every finished file is the record of its size, byte for byte, and nothing else is there. */
static size_t check_files(scene *s)
{
    size_t i, count = 0;

    assert_int_equal(directory_count(&s->dir, "."), 0);
    assert_int_equal(lambdest_spool_list(s->spool, &count, NULL), LAMBDEST_OK);
    assert_int_equal(directory_count(&s->dir, ""), count);
    for (i = 0; i < count; i++) {
        const char *name = lambdest_spool_name(s->spool, i, NULL);
        lambdest_envelope *env;
        size_t len;
        char *text;

        assert_int_equal(lambdest_spool_load(s->spool, name, strlen(name), &env, NULL), LAMBDEST_OK);
        lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &len);
        text = sized_record(len - 2, (len - 2) / 7);
        assert_int_equal(directory_is(&s->dir, name, text), 1);
        free(text);
        lambdest_envelope_free(env);
    }
    return count;
}

/* Delivers until the disk is full; the row that waits, or NULL if there was room for `most`. */
static lambdest_plan *fill(scene *s, lambdest_envelope *env[], size_t most, size_t *made, support_memory *m,
                           size_t largest)
{
    for (*made = 0; *made < most;) {
        size_t files = directory_count(&s->dir, "");
        lambdest_plan *plan;

        env[*made] = sized(m, support_below(&s->seed, largest));
        if (!lambdest_router_dispatch(s->router, env[(*made)++], 0, &plan, NULL)) {
            lambdest_plan_free(plan);
            continue;
        }
        full++;
        assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_RETRY);
        assert_string_equal(detail_of(plan, 0), "spool file: no space left on device");
        assert_int_equal(directory_count(&s->dir, ""), files);
        return plan;
    }
    return NULL;
}

static void remove_one(scene *s)
{
    size_t count, len;
    const char *name;

    assert_int_equal(lambdest_spool_list(s->spool, &count, NULL), LAMBDEST_OK);
    assert_true(count > 0);
    name = lambdest_spool_name(s->spool, support_below(&s->seed, count), &len);
    assert_int_equal(lambdest_spool_remove(s->spool, name, len, NULL), LAMBDEST_OK);
}

static void run_rounds(support_memory *m, unsigned rounds, size_t largest)
{
    lambdest_envelope *env[MOST];
    scene s;

    open_scene(&s, m);
    for (; rounds; rounds--) {
        size_t made, i;
        lambdest_plan *plan = fill(&s, env, MOST, &made, m, largest);

        assert_non_null(plan);
        check_files(&s);
        while (lambdest_plan_run(plan))
            remove_one(&s);
        assert_true(check_files(&s) > 0);
        lambdest_plan_free(plan);
        for (i = 0; i < made; i++)
            lambdest_envelope_free(env[i]);
        for (i = support_below(&s.seed, 4); i && check_files(&s); i--)
            remove_one(&s);
    }
    close_scene(&s);
}

static void a_spool_goes_on_when_there_is_room_again(void **state)
{
    full = 0;
    run_rounds(*state, support_long() ? 200 : 20, LARGEST);
    print_message("tried: %lu deliveries to a spool on a full disk\n", full);
}

/* Small files run out of inodes before they run out of blocks. */
static void without_an_inode_it_is_the_same(void **state)
{
    full = 0;
    run_rounds(*state, support_long() ? 200 : 20, 40);
    print_message("tried: %lu deliveries to a spool on a disk without inodes\n", full);
}

/* ---- the stream ---- */

static size_t whole_lines(int fd)
{
    static char text[DISK + 1];
    ssize_t len = pread(fd, text, sizeof text, 0);
    char *at = text, *line_end;
    size_t n = 0;

    assert_true(len >= 0 && len < (ssize_t)sizeof text);
    for (; (line_end = memchr(at, '\n', (size_t)(text + len - at))); at = line_end + 1, n++) {
        size_t size;
        lambdest_envelope *env;
        char *expected;

        assert_int_equal(lambdest_envelope_parse(at, (size_t)(line_end - at), NULL, &env, NULL), LAMBDEST_OK);
        lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &size);
        expected = sized_record(size - 2, (size - 2) / 7);
        support_expect_bytes(at, (size_t)(line_end - at), expected, strlen(expected));
        free(expected);
        lambdest_envelope_free(env);
    }
    return at == text + len ? n : n + 1000000;
}

static void no_line_is_torn_by_a_full_disk(void **state)
{
    support_memory *m = *state;
    lambdest_options options = options_of(m);
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_stream *stream;
    lambdest_router *router;
    unsigned round, rounds = support_long() ? 200 : 20, torn = 0;
    uint64_t seed = 11;
    directory d;

    begin(&d);
    for (round = 0; round < rounds; round++) {
        int fd = openat(d.fd, "lines", O_RDWR | O_CREAT | O_TRUNC, 0600), rc;
        int filler = openat(d.fd, "filler", O_RDWR | O_CREAT | O_TRUNC, 0600);
        size_t lines = 0;

        assert_true(fd >= 0 && filler >= 0);
        assert_int_equal(posix_fallocate(filler, 0, (off_t)(4096 * (16 + support_below(&seed, 30)))), 0);
        assert_int_equal(lambdest_stream_new(fd, &options, &stream, NULL), LAMBDEST_OK);
        lambdest_stream_sink(stream, &sink);
        router = router_of(m, &sink);
        do {
            lambdest_envelope *env = sized(m, support_below(&seed, LARGEST));
            lambdest_plan *plan;

            rc = lambdest_router_dispatch(router, env, 0, &plan, NULL);
            if (rc) {
                assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_RETRY);
                torn += whole_lines(fd) > 1000000;
                assert_int_equal(ftruncate(filler, 0), 0);
                assert_int_equal(lambdest_plan_run(plan), LAMBDEST_OK);
            }
            lines++;
            lambdest_plan_free(plan);
            lambdest_envelope_free(env);
        } while (!rc);
        assert_int_equal(whole_lines(fd), lines);
        lambdest_router_free(router);
        lambdest_stream_free(stream);
        close(filler);
        close(fd);
    }
    end(&d);
    assert_true(torn > 0);
    print_message("tried: %u streams on a full disk, of which %u ended within a line and went on\n", rounds,
                  torn);
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(a_spool_goes_on_when_there_is_room_again),
        WITH_MEMORY(without_an_inode_it_is_the_same),
        WITH_MEMORY(no_line_is_torn_by_a_full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
