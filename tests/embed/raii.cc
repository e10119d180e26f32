/* The library from C++17: every object owned by a std::unique_ptr, errors as exceptions, exceptions of a sink
 * caught in its callback and reported, memory that is counted, payloads as std::string_view. */
#include <lambdest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

using namespace std::string_view_literals;

namespace
{

/* ---- the wrapper that a host would write ---- */

template <auto Free> struct freed {
    template <class T> void operator()(T *object) const noexcept
    {
        Free(object);
    }
};

using envelope = std::unique_ptr<lambdest_envelope, freed<lambdest_envelope_free>>;
using router = std::unique_ptr<lambdest_router, freed<lambdest_router_free>>;
using plan = std::unique_ptr<lambdest_plan, freed<lambdest_plan_free>>;
using text = std::unique_ptr<char, freed<lambdest_free>>;

struct error : std::runtime_error {
    explicit error(const lambdest_error &e) : std::runtime_error(e.message), code(e.code), offset(e.offset)
    {
    }
    int code;
    std::uint64_t offset;
};

/* Calls function(arguments..., &object, &err) and owns what comes out. */
template <class Owner, class Function, class... Arguments>
Owner make(Function function, Arguments... arguments)
{
    typename Owner::pointer object = nullptr;
    lambdest_error err;

    if (function(arguments..., &object, &err))
        throw error(err);
    return Owner(object);
}

envelope parse(std::string_view json, const lambdest_options &options)
{
    return make<envelope>(lambdest_envelope_parse, json.data(), json.size(), &options);
}

std::string_view json_of(const envelope &env, int member)
{
    std::size_t len;
    const char *data = lambdest_envelope_json(env.get(), member, &len);

    return {data, len};
}

std::string_view text_of(const envelope &env, int member)
{
    std::size_t len;
    const char *data = lambdest_envelope_text(env.get(), member, &len);

    return {data, len};
}

std::pair<text, std::size_t> write(const envelope &env, int form)
{
    char *out = nullptr;
    std::size_t len = 0;
    lambdest_error err;

    if (lambdest_envelope_write_alloc(env.get(), form, 0, &out, &len, &err))
        throw error(err);
    return {text(out), len};
}

/* ---- memory that counts every byte ---- */

class memory
{
  public:
    memory()
    {
        hooks.alloc = [](void *ctx, std::size_t size) { return static_cast<memory *>(ctx)->take(size); };
        hooks.resize = [](void *ctx, void *old, std::size_t old_size, std::size_t size) {
            return static_cast<memory *>(ctx)->resize(old, old_size, size);
        };
        hooks.release = [](void *ctx, void *old, std::size_t size) {
            static_cast<memory *>(ctx)->give_back(old, size);
        };
        hooks.ctx = this;
        options.size = sizeof options;
        options.alloc = &hooks;
    }
    memory(const memory &) = delete;
    memory &operator=(const memory &) = delete;

    lambdest_options options{};
    std::size_t bytes = 0, peak = 0, calls = 0, fail_at = 0;
    bool misused = false;

  private:
    void *take(std::size_t size)
    {
        void *block = ++calls == fail_at ? nullptr : ::operator new(size, std::nothrow);

        if (block) {
            blocks[block] = size;
            bytes += size;
            peak = bytes > peak ? bytes : peak;
        }
        return block;
    }
    void *resize(void *old, std::size_t old_size, std::size_t size)
    {
        void *moved = take(size);

        if (moved) {
            __builtin_memcpy(moved, old, old_size < size ? old_size : size);
            give_back(old, old_size);
        }
        return moved;
    }
    void give_back(void *old, std::size_t size)
    {
        auto found = blocks.find(old);

        if (found == blocks.end() || found->second != size) {
            misused = true;
            return;
        }
        bytes -= size;
        blocks.erase(found);
        ::operator delete(old);
    }

    lambdest_alloc hooks{};
    std::unordered_map<void *, std::size_t> blocks;
};

/* ---- tests ---- */

int checks, failures;

#define CHECK(holds)                                                                                         \
    (++checks, (holds)                                                                                       \
                   ? (void)0                                                                                 \
                   : (++failures, (void)std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds)))

void check_all_returned(const memory &m)
{
    CHECK(m.bytes == 0);
    CHECK(!m.misused);
    CHECK(m.peak > 0);
}

constexpr auto record =
    R"({"version":"1.0","timestamp":"2026-03-02T12:00:00.000Z","requestContext":)"
    R"({"requestId":"8f0c","functionArn":"arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST",)"
    R"("condition":"Success","approximateInvokeCount":1},"requestPayload": { "b" : 1.10 },)"
    R"("responseContext":{"statusCode":200,"executedVersion":"$LATEST"},"responsePayload":"\ud83d"})"sv;

void slices_are_views()
{
    memory m;
    m.options.flags = LAMBDEST_BORROW;
    {
        envelope env = parse(record, m.options);
        std::string_view request = json_of(env, LAMBDEST_REQUEST_PAYLOAD);

        CHECK(request == R"({ "b" : 1.10 })"sv);
        CHECK(request.data() == record.data() + record.find("{ \"b\""));
        CHECK(json_of(env, LAMBDEST_RESPONSE_PAYLOAD) == R"("\ud83d")"sv);
        CHECK(json_of(env, LAMBDEST_DELIVERY_ERROR).empty());
        CHECK(text_of(env, LAMBDEST_REQUEST_ID) == "8f0c"sv);
        CHECK(text_of(env, LAMBDEST_FUNCTION_NAME) == "f"sv);
        CHECK(lambdest_envelope_outcome(env.get()) == LAMBDEST_SUCCESS);
    }
    check_all_returned(m);
}

void owners_move_and_texts_outlive_them()
{
    memory m;
    text kept;
    std::size_t len = 0;
    {
        std::vector<envelope> all;
        for (int i = 0; i < 20; i++)
            all.push_back(parse(record, m.options));
        envelope last = std::move(all.back());
        CHECK(!all.back());
        std::tie(kept, len) = write(last, LAMBDEST_RECORD);
        CHECK(m.peak >= 20 * record.size());
    }
    CHECK(m.bytes > 0);
    CHECK(std::string_view(kept.get(), len) == record);
    kept.reset();
    check_all_returned(m);
}

void errors_are_exceptions()
{
    memory m;
    int thrown = 0;

    try {
        envelope whole = parse(record, m.options);
        envelope cut = parse(record.substr(0, 40), m.options);
        CHECK(false);
    } catch (const error &e) {
        thrown++;
        CHECK(e.code == LAMBDEST_E_SYNTAX);
        CHECK(e.offset == 40);
    }
    CHECK(thrown == 1);
    check_all_returned(m);
}

/* What a sink is in C++: an object that throws. The router owns it. */
struct sink_object {
    static int alive;
    std::string fails_with;
    std::string got;
    std::exception_ptr caught;

    explicit sink_object(std::string what) : fails_with(std::move(what))
    {
        alive++;
    }
    ~sink_object()
    {
        alive--;
    }
    sink_object(const sink_object &) = delete;
    sink_object &operator=(const sink_object &) = delete;

    void send(std::string_view body)
    {
        std::vector<char> unwound(body.begin(), body.end());

        if (!fails_with.empty())
            throw std::runtime_error(fails_with);
        got.assign(unwound.begin(), unwound.end());
    }
};

int sink_object::alive = 0;

/* Nothing may be thrown through the library: what is thrown ends here, and is told. */
void deliver(lambdest_delivery *delivery, void *user_data) noexcept
{
    auto *self = static_cast<sink_object *>(user_data);
    std::size_t len;
    const char *body = lambdest_delivery_body(delivery, &len);

    try {
        self->send({body, len});
        lambdest_delivery_report(delivery, LAMBDEST_VERDICT_DELIVERED, nullptr, 0);
    } catch (const std::exception &e) {
        std::string_view what = e.what();

        self->caught = std::current_exception();
        lambdest_delivery_report(delivery, LAMBDEST_VERDICT_REJECTED, what.data(), what.size());
    }
}

sink_object *add(const router &to, std::string_view name, std::unique_ptr<sink_object> object)
{
    lambdest_sink sink{};
    lambdest_error err;

    sink.size = sizeof sink;
    sink.deliver = deliver;
    sink.destroy = [](void *user_data) { delete static_cast<sink_object *>(user_data); };
    sink.user_data = object.get();
    if (lambdest_router_add_sink(to.get(), LAMBDEST_ON_SUCCESS, name.data(), name.size(), &sink, &err))
        throw error(err);
    return object.release();
}

void exceptions_are_reported()
{
    memory m;
    {
        router to = make<router>(lambdest_router_new, &m.options);
        sink_object *broken = add(to, "broken", std::make_unique<sink_object>("the queue is gone"));
        sink_object *sound = add(to, "sound", std::make_unique<sink_object>(""));
        envelope env = parse(record, m.options);
        lambdest_plan *rows = nullptr;
        int thrown = 0;

        CHECK(lambdest_router_dispatch(to.get(), env.get(), 0, &rows, nullptr) == LAMBDEST_E_PARTIAL);
        plan owner(rows);
        std::size_t len = 0;
        std::int64_t verdict = 0;
        const char *detail =
            lambdest_delivery_text(lambdest_plan_at(owner.get(), 0), LAMBDEST_DELIVERY_DETAIL, &len);

        CHECK(lambdest_plan_count(owner.get()) == 2);
        CHECK(std::string_view(detail, len) == "the queue is gone"sv);
        lambdest_delivery_integer(lambdest_plan_at(owner.get(), 0), LAMBDEST_DELIVERY_VERDICT, &verdict);
        CHECK(verdict == LAMBDEST_VERDICT_REJECTED);
        CHECK(sound->got == record);
        try {
            std::rethrow_exception(broken->caught);
        } catch (const std::runtime_error &e) {
            thrown++;
            CHECK(e.what() == "the queue is gone"sv);
        }
        CHECK(thrown == 1);
        CHECK(sink_object::alive == 2);
    }
    CHECK(sink_object::alive == 0);
    check_all_returned(m);
}

void a_sink_not_taken_stays_ours()
{
    memory m;
    int thrown = 0;
    {
        router to = make<router>(lambdest_router_new, &m.options);
        add(to, "one name", std::make_unique<sink_object>(""));
        try {
            add(to, "one name", std::make_unique<sink_object>(""));
        } catch (const error &e) {
            thrown++;
            CHECK(e.code == LAMBDEST_E_INVAL);
        }
        CHECK(thrown == 1);
        CHECK(sink_object::alive == 1);
    }
    CHECK(sink_object::alive == 0);
    check_all_returned(m);
}

/* A host's whole work, with one object of each kind. */
void work(const memory &m)
{
    router to = make<router>(lambdest_router_new, &m.options);
    sink_object *sink = add(to, "sink", std::make_unique<sink_object>(""));
    envelope env = parse(record, m.options);
    envelope copy = make<envelope>(lambdest_envelope_clone, env.get());
    plan rows = make<plan>(lambdest_router_dispatch, to.get(), copy.get(), 0);
    auto [document, len] = write(env, LAMBDEST_DOCUMENT);

    CHECK(sink->got == record);
    CHECK(std::string_view(document.get(), len).find(R"({ "b" : 1.10 })") != std::string_view::npos);
}

/* Each allocation fails in its turn: what was made before it is returned as the stack unwinds. */
void every_allocation_may_fail()
{
    std::size_t nth = 0;
    bool worked = false;

    while (!worked && nth < 1000) {
        memory m;

        m.fail_at = ++nth;
        try {
            work(m);
            worked = m.calls < nth;
            CHECK(worked);
        } catch (const error &e) {
            CHECK(e.code == LAMBDEST_E_NOMEM);
        }
        CHECK(m.bytes == 0 && !m.misused);
        CHECK(sink_object::alive == 0);
    }
    CHECK(worked);
    CHECK(nth > 5);
}

} /* namespace */

int main()
{
    slices_are_views();
    owners_move_and_texts_outlive_them();
    errors_are_exceptions();
    exceptions_are_reported();
    a_sink_not_taken_stays_ours();
    every_allocation_may_fail();
    std::printf("%d checks, %d failed\n", checks, failures);
    return failures || !checks;
}
