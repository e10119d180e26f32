<?php
// lambdest from PHP by FFI, which takes the installed declarations: `pkg-config --variable=cdef lambdest`.
declare(strict_types=1);

final class Failed extends RuntimeException
{
    public readonly int $offset;
    public readonly string $where;

    public function __construct(FFI\CData $err)
    {
        parent::__construct($err->message, $err->code);
        $this->offset = $err->offset;
        $this->where = $err->where;
    }
}

// FFI takes the file as it is. But it makes a PHP string of a result that is a `const char *`, up to the
// first NUL byte; text may have one earlier, and JSON has none. Without the `const` the result is an address,
// to be read with its length.
$ffi = FFI::cdef(
    preg_replace('/^const (?=char \*lambdest_(?!name))/m', '', file_get_contents(getenv('LAMBDEST_CDEF'))),
    'liblambdest.so.0'
);

// Calls with an error as the last argument; throws it if the call failed.
function check(callable $call): void
{
    global $ffi;
    $err = $ffi->new('lambdest_error');
    if ($call(FFI::addr($err)) !== 0) {
        throw new Failed($err);
    }
}

function made(string $type, callable $call): FFI\CData
{
    global $ffi;
    $out = $ffi->new("$type *");
    check(fn ($err) => $call(FFI::addr($out), $err));
    return $out;
}

// A copy of what a getter hands out, which is valid only until its object changes; null for NULL.
function counted(callable $getter): ?string
{
    global $ffi;
    $len = $ffi->new('size_t');
    $at = $getter(FFI::addr($len));
    return $at === null ? null : FFI::string($at, $len->cdata);
}

function integer(callable $getter): int|string
{
    global $ffi;
    $out = $ffi->new('int64_t');
    $code = $getter(FFI::addr($out));
    return $code === 0 ? $out->cdata : $ffi->lambdest_name($code);
}

// Long text is the caller's: copied, then given back to lambdest_free.
function longText(callable $call): string
{
    global $ffi;
    $out = $ffi->new('char *');
    $len = $ffi->new('size_t');
    expect($call(FFI::addr($out), FFI::addr($len)), 0);
    $text = FFI::string($out, $len->cdata);
    $ffi->lambdest_free($out);
    return $text;
}

function expect(mixed $got, mixed $wanted): void
{
    if ($got !== $wanted) {
        throw new LogicException('got ' . var_export($got, true) . ', wanted ' . var_export($wanted, true));
    }
}

function read(string $path): string
{
    return file_get_contents("tests/$path.json");
}

function parse(string $text): FFI\CData
{
    global $ffi;
    return made('lambdest_envelope', fn ($out, $err) =>
        $ffi->lambdest_envelope_parse($text, strlen($text), null, $out, $err));
}

function text(FFI\CData $env, int $member): ?string
{
    global $ffi;
    return counted(fn ($len) => $ffi->lambdest_envelope_text($env, $member, $len));
}

function written(FFI\CData $env): string
{
    global $ffi;
    return longText(fn ($out, $len) => $ffi->lambdest_envelope_write_alloc($env, 0, 0, $out, $len, null));
}

function words(FFI\CData $env, string ...$getters): string
{
    global $ffi;
    $word = fn ($of) => $ffi->lambdest_name($ffi->{"lambdest_envelope_$of"}($env));
    return implode(', ', array_map($word, $getters));
}

function show(string $path, FFI\CData $env): void
{
    echo basename($path), ': ', words($env, 'form', 'kind', 'outcome', 'cause'), "\n";
}

function parseEachKind(): void
{
    global $ffi;
    foreach (['async-success', 'async-failure-unhandled-python', 'kafka-failure'] as $path) {
        $env = parse(read("records/$path"));
        show($path, $env);
        for ($i = 0; $i < $ffi->lambdest_envelope_range_count($env); $i++) {
            $of = fn ($member) => counted(fn ($len) =>
                $ffi->lambdest_envelope_range_text($env, $i, $member, $len));
            echo "range {$of($ffi->LAMBDEST_RANGE_NAME)} from {$of($ffi->LAMBDEST_RANGE_FIRST)}\n";
        }
        $ffi->lambdest_envelope_free($env);
    }
}

function parseTheOtherForms(): void
{
    global $ffi;
    $env = parse(read('ffi/document'));
    show('document', $env);
    $payload = counted(fn ($len) => $ffi->lambdest_envelope_json($env, $ffi->LAMBDEST_REQUEST_PAYLOAD, $len));
    $status = integer(fn ($out) => $ffi->lambdest_envelope_integer($env, $ffi->LAMBDEST_STATUS_CODE, $out));
    echo 'errorType ', text($env, $ffi->LAMBDEST_ERROR_TYPE), "\n";
    echo 'errorMessage ', bin2hex(text($env, $ffi->LAMBDEST_ERROR_MESSAGE)), "\n";
    echo 'requestPayload ', $payload, "\n";
    echo 'condition ', text($env, $ffi->LAMBDEST_CONDITION) ?? 'none', "\n";
    echo 'statusCode ', $status, "\n";
    $ffi->lambdest_envelope_free($env);
    $env = parse(read('ffi/cloudevent'));
    show('cloudevent', $env);
    $ffi->lambdest_envelope_free($env);
}

function setText(FFI\CData $env, int $member, string $text): void
{
    global $ffi;
    check(fn ($err) => $ffi->lambdest_envelope_set_text($env, $member, $text, strlen($text), $err));
}

function setInteger(FFI\CData $env, int $member, int $value): void
{
    global $ffi;
    check(fn ($err) => $ffi->lambdest_envelope_set_integer($env, $member, $value, $err));
}

function setJson(FFI\CData $env, int $member, string $json): void
{
    global $ffi;
    check(fn ($err) => $ffi->lambdest_envelope_set_json($env, $member, $json, strlen($json), $err));
}

// A PHP string cannot be put into a structure: it is copied into memory that FFI owns, and that must be held
// until the call is over.
function setError(FFI\CData $env, string $type, string $message, string ...$frames): void
{
    global $ffi;
    $held = [];
    $slices = $ffi->new('lambdest_slice[' . count($frames) . ']');
    foreach ($frames as $i => $frame) {
        $held[$i] = $ffi->new('char[' . strlen($frame) . ']');
        FFI::memcpy($held[$i], $frame, strlen($frame));
        $slices[$i]->data = $ffi->cast('char *', $held[$i]);
        $slices[$i]->len = strlen($frame);
    }
    check(fn ($err) => $ffi->lambdest_envelope_set_error(
        $env, $type, strlen($type), $message, strlen($message), $slices, count($frames), $err));
}

function build(): FFI\CData
{
    global $ffi;
    $env = made('lambdest_envelope', fn ($out, $err) => $ffi->lambdest_envelope_new(null, $out, $err));
    setText($env, $ffi->LAMBDEST_REQUEST_ID, "r\0é");
    setText($env, $ffi->LAMBDEST_CONDITION, 'Success');
    setText($env, $ffi->LAMBDEST_FUNCTION_ARN, 'arn:aws:lambda:eu-west-1:111122223333:function:orders');
    setInteger($env, $ffi->LAMBDEST_STATUS_CODE, 200);
    setInteger($env, $ffi->LAMBDEST_TIMESTAMP_MS, 1772443498046);
    setJson($env, $ffi->LAMBDEST_REQUEST_PAYLOAD, '{"n": 1e+21}');
    setJson($env, $ffi->LAMBDEST_RESPONSE_PAYLOAD, '"\ud83d"');
    return $env;
}

function showBuilt(FFI\CData $env): void
{
    echo 'built ', written($env), "\n";
    echo 'built: ', words($env, 'kind', 'outcome', 'cause'), "\n";
}

function buildAndClassify(): void
{
    global $ffi;
    $env = build();
    showBuilt($env);
    setText($env, $ffi->LAMBDEST_CONDITION, 'RetriesExhausted');
    check(fn ($err) => $ffi->lambdest_envelope_set_state(
        $env, $ffi->LAMBDEST_RESPONSE_PAYLOAD, $ffi->LAMBDEST_ABSENT, $err));
    setError($env, 'OutOfStock', 'no shelf', 'top', 'below');
    showBuilt($env);
    $ffi->lambdest_envelope_free($env);
}

function aBrokenText(): void
{
    global $ffi;
    try {
        parse('{"requestContext":{"condition":5}}');
    } catch (Failed $e) {
        printf("error %d (%s) at byte %d of %s: %s\n", $e->getCode(), $ffi->lambdest_name($e->getCode()),
            $e->offset, $e->where, $e->getMessage());
    }
}

// FFI keeps a closure that became a callback until the end of the request: few callbacks for many rows, then.
function routerWith(?Closure $deliver): FFI\CData
{
    global $ffi;
    $router = made('lambdest_router', fn ($out, $err) => $ffi->lambdest_router_new(null, $out, $err));
    $sink = $ffi->new('lambdest_sink');
    $sink->size = FFI::sizeof($sink);
    $sink->deliver = $deliver;
    $sink->destroy = function ($userData) { echo "sink destroyed\n"; };
    $when = $ffi->LAMBDEST_ON_SUCCESS | $ffi->LAMBDEST_ON_FAILURE;
    check(fn ($err) => $ffi->lambdest_router_add_sink($router, $when, 'only', 4, FFI::addr($sink), $err));
    return $router;
}

function planOf(FFI\CData $router, FFI\CData $env): FFI\CData
{
    global $ffi;
    return made('lambdest_plan', fn ($out, $err) => $ffi->lambdest_router_plan($router, $env, 0, $out, $err));
}

function showRow(string $step, FFI\CData $plan): void
{
    global $ffi;
    $row = $ffi->lambdest_plan_at($plan, 0);
    [$sink, $detail] = array_map(
        fn ($member) => counted(fn ($len) => $ffi->lambdest_delivery_text($row, $member, $len)),
        [$ffi->LAMBDEST_DELIVERY_SINK, $ffi->LAMBDEST_DELIVERY_DETAIL]
    );
    $verdict = integer(fn ($out) =>
        $ffi->lambdest_delivery_integer($row, $ffi->LAMBDEST_DELIVERY_VERDICT, $out));
    printf("%s %s: %s (%s), %d undelivered\n", $step, $sink, $ffi->lambdest_name($verdict), $detail ?? 'none',
        $ffi->lambdest_plan_undelivered($plan));
}

// Any order of router and plan will do; the envelope goes after its plan.
function letGo(FFI\CData $env, FFI\CData $router, FFI\CData $plan): void
{
    global $ffi;
    $ffi->lambdest_router_free($router);
    echo "router freed\n";
    $ffi->lambdest_plan_free($plan);
    $ffi->lambdest_envelope_free($env);
}

function body(FFI\CData $row): ?string
{
    global $ffi;
    return counted(fn ($len) => $ffi->lambdest_delivery_body($row, $len));
}

function pull(): void
{
    global $ffi;
    $env = build();
    $router = routerWith(null);
    $plan = planOf($router, $env);
    showRow('pull', $plan);
    $row = $ffi->lambdest_plan_at($plan, 0);
    expect(body($row), written($env));
    expect($ffi->lambdest_delivery_report($row, $ffi->LAMBDEST_VERDICT_DELIVERED, 'HTTP 200', 8), 0);
    showRow('pull', $plan);
    letGo($env, $router, $plan);
}

function dispatchToACallback(): void
{
    global $ffi;
    $env = build();
    $router = routerWith(function ($row, $userData) use ($ffi, $env) {
        if (body($row) === written($env)) {
            echo "dispatch only: the record came\n";
        }
        $ffi->lambdest_delivery_report($row, $ffi->LAMBDEST_VERDICT_DELIVERED, 'HTTP 200', 8);
    });
    $plan = made('lambdest_plan', fn ($out, $err) =>
        $ffi->lambdest_router_dispatch($router, $env, 0, $out, $err));
    showRow('dispatch', $plan);
    letGo($env, $router, $plan);
}

// PHP ends the process when an exception leaves a callback. So it is caught inside; what raised reports
// nothing, and the row says so.
function aCallbackThatRaises(): void
{
    global $ffi;
    $env = build();
    $raised = [];
    $router = routerWith(function ($row, $userData) use (&$raised) {
        try {
            throw new RuntimeException('a sink that raises');
        } catch (Throwable $e) {
            $raised[] = $e->getMessage();
        }
    });
    $plan = planOf($router, $env);
    expect($ffi->lambdest_plan_run($plan), $ffi->LAMBDEST_E_PARTIAL);
    expect($raised, ['a sink that raises']);
    showRow('raise', $plan);
    letGo($env, $router, $plan);
}

function showItem(FFI\CData $item): bool
{
    global $ffi;
    $code = $ffi->lambdest_item_error($item, null);
    $says = $code === 0 ? $ffi->lambdest_envelope_outcome($ffi->lambdest_item_envelope($item)) : $code;
    $carrier = counted(fn ($len) => $ffi->lambdest_item_text($item, $ffi->LAMBDEST_ITEM_CARRIER, $len));
    printf("item %s by %s: %s\n", $ffi->lambdest_name($ffi->lambdest_item_kind($item)), $carrier,
        $ffi->lambdest_name($says));
    return $code === 0;
}

function unwrapEvents(): void
{
    global $ffi;
    foreach (['sqs-in-lambda-batch-mixed', 'sns-in-sqs-in-lambda'] as $path) {
        $event = read("records/$path");
        $items = made('lambdest_items', fn ($out, $err) =>
            $ffi->lambdest_unwrap($event, strlen($event), null, $out, $err));
        for ($i = 0; $i < $ffi->lambdest_items_count($items); $i++) {
            if (!showItem($ffi->lambdest_items_at($items, $i))) {
                expect($ffi->lambdest_items_fail($items, $i), 0);
                $response = fn ($out, $len) => $ffi->lambdest_items_response($items, $out, $len);
                echo 'response ', longText($response), "\n";
            }
        }
        $ffi->lambdest_items_free($items);
    }
}

$version = $ffi->lambdest_version();
printf("version %d.%d.%d\n", intdiv($version, 1000000), intdiv($version, 1000) % 1000, $version % 1000);
parseEachKind();
parseTheOtherForms();
buildAndClassify();
aBrokenText();
pull();
dispatchToACallback();
aCallbackThatRaises();
unwrapEvents();
