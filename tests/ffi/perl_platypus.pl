#!/usr/bin/perl
# lambdest from Perl by FFI::Platypus (Debian: libffi-platypus-perl). Strings here are bytes: with `use utf8`,
# encode what goes in and decode what comes out, or lengths are wrong.
use v5.36;
use FFI::Platypus 2.00;
use FFI::Platypus::Buffer qw(buffer_to_scalar scalar_to_buffer grow set_used_length);

package Lambdest::Error {
    use FFI::Platypus::Record;
    record_layout_1(sint32 => 'code', uint32 => 'flags', uint64 => 'offset', string => 'message',
        string => 'where', 'uint64[2]' => 'reserved');
}

package Lambdest::Sink {
    use FFI::Platypus::Record;
    record_layout_1((map { (uint32 => $_) } qw(size target form write_flags oversize only_cause)),
        uint64 => 'max_bytes', (map { (opaque => $_) } qw(deliver flush close destroy user_data reserved)),
        map { (opaque => $_, size_t => "${_}_len") } qw(arn only_function only_condition overflow));
}

# Constants and functions come from the installed declarations, `pkg-config --variable=cdef lambdest`, which
# has each on a line.
my $ffi = FFI::Platypus->new(api => 2, lib => 'liblambdest.so.0');
my $cdef = slurp($ENV{LAMBDEST_CDEF});
my %K = $cdef =~ /\bLAMBDEST_(\w+) = (-?\d+)/g;

# Text in is a string (with its length), text out an address: a string would end at its first NUL byte, and
# JSON has no NUL at its end.
sub type_of ($c) {
    return 'opaque*' if $c =~ /\*\*/;
    return 'record(Lambdest::Error)*' if $c =~ /^lambdest_error \*/;
    return 'record(Lambdest::Sink)*' if $c =~ /lambdest_sink \*/;
    return 'string' if $c =~ /^const char \*/;
    return "$1*" if $c =~ /^(\w+_t|int) \*/;
    return 'opaque' if $c =~ /\*/;
    return $c =~ s/ \w+$//r;
}

while ($cdef =~ /^(.*\W)lambdest_(\w+)\((.*)\);$/mg) {
    my ($result, $name, $arguments) = ($1, $2, $3);
    $result = $name eq 'name' ? 'string' : $result =~ /\*/ ? 'opaque' : $result =~ s/ $//r;
    my @types = $arguments eq 'void' ? () : map { type_of($_) } split /, /, $arguments;
    $ffi->attach(["lambdest_$name" => "L::$name"] => \@types => $result);
}

sub slurp ($path) {
    open my $file, '<:raw', $path or die "$path: $!";
    local $/;
    return <$file>;
}

sub word ($value) { return L::name($value) }

# Dies with what the library says of a call that failed; the call gets an error as its last argument.
sub check ($call, @arguments) {
    my $err = Lambdest::Error->new;
    die $err if $call->(@arguments, $err);
}

sub made ($call, @arguments) {
    my $out;
    check($call, @arguments, \$out);
    return $out;
}

# A copy of what a getter hands out, which is valid only until its object changes; undef for NULL.
sub counted ($getter, @arguments) {
    my $at = $getter->(@arguments, \my $len);
    return defined $at ? buffer_to_scalar($at, $len) : undef;
}

sub integer ($getter, @arguments) {
    my $code = $getter->(@arguments, \my $value);
    return $code ? word($code) : $value;
}

# Long text is the caller's: copied, then given back to lambdest_free, which is declared with a `char *`.
sub long_text ($call, @arguments) {
    my ($out, $len);
    my $code = $call->(@arguments, \$out, \$len);
    die word($code) if $code;
    my $text = buffer_to_scalar($out, $len);
    L::free($out);
    return $text;
}

sub parse ($text) { return made(\&L::envelope_parse, $text, length $text, undef) }

# A buffer must have room for the NUL.
sub written ($env) {
    L::envelope_write($env, 0, 0, undef, 0, \my $need, undef);
    grow(my $buf, $need + 1);
    my ($at) = scalar_to_buffer($buf);
    check(sub ($err) { L::envelope_write($env, 0, 0, $at, $need + 1, \$need, $err) });
    set_used_length($buf, $need);
    return $buf;
}

sub show ($name, $env) {
    say "$name: ", join ', ', map { word($_->($env)) }
        \&L::envelope_form, \&L::envelope_kind, \&L::envelope_outcome, \&L::envelope_cause;
}

sub parse_each_kind () {
    for my $name (qw(async-success async-failure-unhandled-python kafka-failure)) {
        my $env = parse(slurp("tests/records/$name.json"));
        show($name, $env);
        for my $i (0 .. L::envelope_range_count($env) - 1) {
            my ($at, $first) = map { counted(\&L::envelope_range_text, $env, $i, $K{"RANGE_$_"}) }
                qw(NAME FIRST);
            say "range $at from $first";
        }
        L::envelope_free($env);
    }
}

sub parse_the_other_forms () {
    my $env = parse(slurp('tests/ffi/document.json'));
    show('document', $env);
    say 'errorType ', counted(\&L::envelope_text, $env, $K{ERROR_TYPE});
    say 'errorMessage ', unpack 'H*', counted(\&L::envelope_text, $env, $K{ERROR_MESSAGE});
    say 'requestPayload ', counted(\&L::envelope_json, $env, $K{REQUEST_PAYLOAD});
    say 'condition ', counted(\&L::envelope_text, $env, $K{CONDITION}) // 'none';
    say 'statusCode ', integer(\&L::envelope_integer, $env, $K{STATUS_CODE});
    L::envelope_free($env);
    $env = parse(slurp('tests/ffi/cloudevent.json'));
    show('cloudevent', $env);
    L::envelope_free($env);
}

sub set_text ($env, $member, $text) {
    check(\&L::envelope_set_text, $env, $K{$member}, $text, length $text);
}

sub build () {
    my $env = made(\&L::envelope_new, undef);
    set_text($env, REQUEST_ID => "r\0é");
    set_text($env, CONDITION => 'Success');
    set_text($env, FUNCTION_ARN => 'arn:aws:lambda:eu-west-1:111122223333:function:orders');
    check(\&L::envelope_set_integer, $env, $K{STATUS_CODE}, 200);
    check(\&L::envelope_set_integer, $env, $K{TIMESTAMP_MS}, 1772443498046);
    check(\&L::envelope_set_json, $env, $K{REQUEST_PAYLOAD}, '{"n": 1e+21}', 12);
    check(\&L::envelope_set_json, $env, $K{RESPONSE_PAYLOAD}, '"\ud83d"', 8);
    return $env;
}

# An array of structures is packed: each slice a pointer and a length. @frames holds the text until the end.
sub set_error ($env, $type, $message, @frames) {
    my $slices = pack 'J*', map { scalar_to_buffer($_) } @frames;
    my ($at) = scalar_to_buffer($slices);
    check(\&L::envelope_set_error, $env, $type, length $type, $message, length $message, $at, scalar @frames);
}

sub show_built ($env) {
    say 'built ', written($env);
    say 'built: ', join ', ', map { word($_->($env)) }
        \&L::envelope_kind, \&L::envelope_outcome, \&L::envelope_cause;
}

sub build_and_classify () {
    my $env = build();
    show_built($env);
    set_text($env, CONDITION => 'RetriesExhausted');
    check(\&L::envelope_set_state, $env, $K{RESPONSE_PAYLOAD}, $K{ABSENT});
    set_error($env, 'OutOfStock', 'no shelf', 'top', 'below');
    show_built($env);
    L::envelope_free($env);
}

sub a_broken_text () {
    die 'a broken text was taken' if eval { parse('{"requestContext":{"condition":5}}') };
    my $err = $@;
    printf "error %d (%s) at byte %d of %s: %s\n", $err->code, word($err->code), $err->offset, $err->where,
        $err->message;
}

# The library cannot keep a closure alive. A table does, by the key in user_data, until `destroy` is called:
# that may be after the router was freed, with its last plan.
my (%closures, $last);
my $destroyed = $ffi->closure(sub ($user_data) {
    delete $closures{$user_data};
    say 'sink destroyed';
});

sub router_with ($deliver) {
    my $router = made(\&L::router_new, undef);
    my $closure = $deliver && $ffi->closure($deliver);
    my $sink = Lambdest::Sink->new(user_data => ++$last,
        deliver => $closure && $ffi->cast('(opaque, opaque)->void' => 'opaque', $closure),
        destroy => $ffi->cast('(opaque)->void' => 'opaque', $destroyed));
    $sink->size($ffi->sizeof('record(Lambdest::Sink)'));
    check(\&L::router_add_sink, $router, $K{ON_SUCCESS} | $K{ON_FAILURE}, 'only', 4, $sink);
    $closures{$last} = $closure;
    return $router;
}

sub plan_of ($router, $env) { return made(\&L::router_plan, $router, $env, 0) }

sub show_row ($step, $plan) {
    my $row = L::plan_at($plan, 0);
    my ($sink, $detail) = map { counted(\&L::delivery_text, $row, $_) } @K{qw(DELIVERY_SINK DELIVERY_DETAIL)};
    printf "%s %s: %s (%s), %d undelivered\n", $step, $sink,
        word(integer(\&L::delivery_integer, $row, $K{DELIVERY_VERDICT})), $detail // 'none',
        L::plan_undelivered($plan);
}

# Any order of router and plan will do; the envelope goes after its plan.
sub let_go ($env, $router, $plan) {
    L::router_free($router);
    say 'router freed';
    L::plan_free($plan);
    L::envelope_free($env);
}

sub expect ($got, $wanted) { die "got $got, wanted $wanted" if $got ne $wanted }

sub pull () {
    my $env = build();
    my $router = router_with(undef);
    my $plan = plan_of($router, $env);
    show_row('pull', $plan);
    my $row = L::plan_at($plan, 0);
    expect(counted(\&L::delivery_body, $row), written($env));
    expect(L::delivery_report($row, $K{VERDICT_DELIVERED}, 'HTTP 200', 8), 0);
    show_row('pull', $plan);
    let_go($env, $router, $plan);
}

sub dispatch_to_a_callback () {
    my $env = build();
    my $router = router_with(sub ($row, $user_data) {
        say 'dispatch only: the record came' if counted(\&L::delivery_body, $row) eq written($env);
        L::delivery_report($row, $K{VERDICT_DELIVERED}, 'HTTP 200', 8);
    });
    my $plan = made(\&L::router_dispatch, $router, $env, 0);
    show_row('dispatch', $plan);
    let_go($env, $router, $plan);
}

# Platypus makes a warning of what dies in a closure, and goes on; the row says that nobody reported.
sub a_callback_that_dies () {
    my @warned;
    local $SIG{__WARN__} = sub ($text) { push @warned, $text };
    my $env = build();
    my $router = router_with(sub ($row, $user_data) { die "a sink that dies\n" });
    my $plan = plan_of($router, $env);
    expect(L::plan_run($plan), $K{E_PARTIAL});
    expect("@warned", "a sink that dies\n");
    show_row('raise', $plan);
    let_go($env, $router, $plan);
}

sub show_item ($item) {
    my $code = L::item_error($item, undef);
    printf "item %s by %s: %s\n", word(L::item_kind($item)),
        counted(\&L::item_text, $item, $K{ITEM_CARRIER}),
        word($code || L::envelope_outcome(L::item_envelope($item)));
    return $code;
}

sub unwrap_events () {
    for my $name (qw(sqs-in-lambda-batch-mixed sns-in-sqs-in-lambda)) {
        my $event = slurp("tests/records/$name.json");
        my $items = made(\&L::unwrap, $event, length $event, undef);
        for my $i (0 .. L::items_count($items) - 1) {
            next if !show_item(L::items_at($items, $i));
            expect(L::items_fail($items, $i), 0);
            say 'response ', long_text(\&L::items_response, $items);
        }
        L::items_free($items);
    }
}

my $version = L::version();
printf "version %d.%d.%d\n", $version / 1000000, $version / 1000 % 1000, $version % 1000;
parse_each_kind();
parse_the_other_forms();
build_and_classify();
a_broken_text();
pull();
dispatch_to_a_callback();
a_callback_that_dies();
unwrap_events();
