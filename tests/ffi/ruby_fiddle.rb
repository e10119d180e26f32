# frozen_string_literal: true

# lambdest from Ruby by Fiddle, which is part of Ruby.
require 'fiddle/import'

# Functions and constants come from the installed declarations, `pkg-config --variable=cdef lambdest`, which
# has each on a line. Fiddle does not read structures there.
module Lambdest
  extend Fiddle::Importer
  dlload 'liblambdest.so.0'
  cdef = File.read(ENV.fetch('LAMBDEST_CDEF'))
  cdef.scan(/\bLAMBDEST_(\w+) = (-?\d+)/) { |name, value| const_set(name, value.to_i) }
  cdef.scan(/^.*lambdest_\w+\(.*\);$/) { |declaration| extern declaration.chomp(';') }

  Error = struct ['int32_t code', 'uint32_t flags', 'uint64_t offset', 'char *message', 'char *where',
                  'uint64_t reserved[2]']
  Sink = struct ['uint32_t size', 'uint32_t target', 'uint32_t form', 'uint32_t write_flags',
                 'uint32_t oversize', 'uint32_t only_cause', 'uint64_t max_bytes', 'void *deliver',
                 'void *flush', 'void *close', 'void *destroy', 'void *user_data', 'void *reserved',
                 'char *arn', 'size_t arn_len', 'char *only_function', 'size_t only_function_len',
                 'char *only_condition', 'size_t only_condition_len', 'char *overflow', 'size_t overflow_len']

  # What the library says of a call that failed.
  class Failed < StandardError
    attr_reader :code, :offset, :where

    def initialize(err)
      super(err.message.to_s)
      @code, @offset, @where = err.code, err.offset, err.where.to_s
    end
  end

  module_function

  def word(value) = lambdest_name(value).to_s

  # Yields an error to be the last argument of a call, and raises it if that call failed.
  def check
    err = Error.malloc(Fiddle::RUBY_FREE)
    raise Failed, err unless yield(err).zero?
  end

  def made
    out = Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE)
    check { |err| yield(out, err) }
    out.ptr
  end

  # A copy of what a getter hands out, which is valid only until its object changes; nil for NULL.
  def counted
    len = Fiddle::Pointer.malloc(Fiddle::SIZEOF_SIZE_T, Fiddle::RUBY_FREE)
    at = yield(len)
    at.null? ? nil : at[0, len[0, Fiddle::SIZEOF_SIZE_T].unpack1('J')].force_encoding('UTF-8')
  end

  def integer
    out = Fiddle::Pointer.malloc(Fiddle::SIZEOF_INT64_T, Fiddle::RUBY_FREE)
    code = yield(out)
    code.zero? ? out[0, 8].unpack1('q') : word(code)
  end

  # Long text is the caller's: copied, then given back to lambdest_free.
  def long_text
    out = Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE)
    counted { |len| yield(out, len).zero? ? out.ptr : Fiddle::NULL }
  ensure
    lambdest_free(out.ptr)
  end

  def parse(text) = made { |out, err| lambdest_envelope_parse(text, text.bytesize, nil, out, err) }

  def written(env) = long_text { |out, len| lambdest_envelope_write_alloc(env, 0, 0, out, len, nil) }

  def text(env, member) = counted { |len| lambdest_envelope_text(env, member, len) }

  def set_text(env, member, value)
    check { |err| lambdest_envelope_set_text(env, member, value, value.bytesize, err) }
  end

  def set_integer(env, member, value)
    check { |err| lambdest_envelope_set_integer(env, member, value, err) }
  end

  def set_json(env, member, json)
    check { |err| lambdest_envelope_set_json(env, member, json, json.bytesize, err) }
  end

  # An array of structures is packed: each slice a pointer and a length. `frames` holds the text until the
  # call is over.
  def set_error(env, type, message, frames)
    slices = frames.flat_map { |frame| [Fiddle::Pointer[frame].to_i, frame.bytesize] }.pack('J*')
    check do |err|
      lambdest_envelope_set_error(env, type, type.bytesize, message, message.bytesize, slices, frames.size,
                                  err)
    end
  end

  # The library cannot keep a callback alive. A table does, by the key in user_data, until `destroy` is
  # called: that may be after the router was freed, with its last plan.
  @callbacks = {}
  @last = 0
  DESTROYED = Fiddle::Closure::BlockCaller.new(Fiddle::TYPE_VOID, [Fiddle::TYPE_VOIDP]) do |user_data|
    @callbacks.delete(user_data.to_i)
    puts 'sink destroyed'
  end

  # What is raised in a callback would jump over the library's frames, and the router would answer E_BUSY from
  # then on, as if it were still calling. So it is rescued inside; what raised reports nothing, and the row
  # says so.
  def callback(errors = nil)
    Fiddle::Closure::BlockCaller.new(Fiddle::TYPE_VOID, [Fiddle::TYPE_VOIDP] * 2) do |row, _user_data|
      yield row
    rescue StandardError => e
      errors << e
    end
  end

  def router_with(deliver)
    router = made { |out, err| lambdest_router_new(nil, out, err) }
    sink = Sink.malloc(Fiddle::RUBY_FREE)
    sink.size, sink.deliver, sink.destroy, sink.user_data = Sink.size, deliver, DESTROYED, @last += 1
    check { |err| lambdest_router_add_sink(router, ON_SUCCESS | ON_FAILURE, 'only', 4, sink, err) }
    @callbacks[@last] = deliver
    router
  end
end

L = Lambdest

def read(path) = File.binread("tests/#{path}.json")

def show(path, env)
  told = %i[form kind outcome cause].map { |what| L.word(L.public_send("lambdest_envelope_#{what}", env)) }
  puts "#{File.basename(path)}: #{told.join(', ')}"
end

def parse_each_kind
  %w[async-success async-failure-unhandled-python kafka-failure].each do |path|
    env = L.parse(read("records/#{path}"))
    show(path, env)
    L.lambdest_envelope_range_count(env).times do |i|
      at, first = [L::RANGE_NAME, L::RANGE_FIRST].map do |member|
        L.counted { |len| L.lambdest_envelope_range_text(env, i, member, len) }
      end
      puts "range #{at} from #{first}"
    end
    L.lambdest_envelope_free(env)
  end
end

def parse_the_other_forms
  env = L.parse(read('ffi/document'))
  show('document', env)
  puts "errorType #{L.text(env, L::ERROR_TYPE)}"
  puts "errorMessage #{L.text(env, L::ERROR_MESSAGE).unpack1('H*')}"
  puts "requestPayload #{L.counted { |len| L.lambdest_envelope_json(env, L::REQUEST_PAYLOAD, len) }}"
  puts "condition #{L.text(env, L::CONDITION) || 'none'}"
  puts "statusCode #{L.integer { |out| L.lambdest_envelope_integer(env, L::STATUS_CODE, out) }}"
  L.lambdest_envelope_free(env)
  env = L.parse(read('ffi/cloudevent'))
  show('cloudevent', env)
  L.lambdest_envelope_free(env)
end

def build
  env = L.made { |out, err| L.lambdest_envelope_new(nil, out, err) }
  L.set_text(env, L::REQUEST_ID, "r\0é")
  L.set_text(env, L::CONDITION, 'Success')
  L.set_text(env, L::FUNCTION_ARN, 'arn:aws:lambda:eu-west-1:111122223333:function:orders')
  L.set_integer(env, L::STATUS_CODE, 200)
  L.set_integer(env, L::TIMESTAMP_MS, 1_772_443_498_046)
  L.set_json(env, L::REQUEST_PAYLOAD, '{"n": 1e+21}')
  L.set_json(env, L::RESPONSE_PAYLOAD, '"\ud83d"')
  env
end

def show_built(env)
  puts "built #{L.written(env)}"
  told = %i[kind outcome cause].map { |what| L.word(L.public_send("lambdest_envelope_#{what}", env)) }
  puts "built: #{told.join(', ')}"
end

def build_and_classify
  env = build
  show_built(env)
  L.set_text(env, L::CONDITION, 'RetriesExhausted')
  L.check { |err| L.lambdest_envelope_set_state(env, L::RESPONSE_PAYLOAD, L::ABSENT, err) }
  L.set_error(env, 'OutOfStock', 'no shelf', %w[top below])
  show_built(env)
  L.lambdest_envelope_free(env)
end

def a_broken_text
  L.parse('{"requestContext":{"condition":5}}')
  raise 'a broken text was taken'
rescue L::Failed => e
  puts "error #{e.code} (#{L.word(e.code)}) at byte #{e.offset} of #{e.where}: #{e.message}"
end

def plan_of(router, env) = L.made { |out, err| L.lambdest_router_plan(router, env, 0, out, err) }

def show_row(step, plan)
  row = L.lambdest_plan_at(plan, 0)
  sink, detail = [L::DELIVERY_SINK, L::DELIVERY_DETAIL].map do |member|
    L.counted { |len| L.lambdest_delivery_text(row, member, len) } || 'none'
  end
  verdict = L.word(L.integer { |out| L.lambdest_delivery_integer(row, L::DELIVERY_VERDICT, out) })
  puts "#{step} #{sink}: #{verdict} (#{detail}), #{L.lambdest_plan_undelivered(plan)} undelivered"
end

# Any order of router and plan will do; the envelope goes after its plan.
def let_go(env, router, plan)
  L.lambdest_router_free(router)
  puts 'router freed'
  L.lambdest_plan_free(plan)
  L.lambdest_envelope_free(env)
end

def body(row) = L.counted { |len| L.lambdest_delivery_body(row, len) }

def expect(got, wanted)
  raise "got #{got.inspect}, wanted #{wanted.inspect}" unless got == wanted
end

def pull
  env, router = build, L.router_with(nil)
  plan = plan_of(router, env)
  show_row('pull', plan)
  row = L.lambdest_plan_at(plan, 0)
  expect(body(row), L.written(env))
  expect(L.lambdest_delivery_report(row, L::VERDICT_DELIVERED, 'HTTP 200', 8), L::OK)
  show_row('pull', plan)
  let_go(env, router, plan)
end

def dispatch_to_a_callback
  env = build
  router = L.router_with(L.callback do |row|
    puts 'dispatch only: the record came' if body(row) == L.written(env)
    L.lambdest_delivery_report(row, L::VERDICT_DELIVERED, 'HTTP 200', 8)
  end)
  plan = L.made { |out, err| L.lambdest_router_dispatch(router, env, 0, out, err) }
  show_row('dispatch', plan)
  let_go(env, router, plan)
end

def a_callback_that_raises
  env, raised = build, []
  router = L.router_with(L.callback(raised) { raise 'a sink that raises' })
  plan = plan_of(router, env)
  expect(L.lambdest_plan_run(plan), L::E_PARTIAL)
  expect(raised.map(&:message), ['a sink that raises'])
  show_row('raise', plan)
  let_go(env, router, plan)
end

def show_item(item)
  code = L.lambdest_item_error(item, nil)
  carrier = L.counted { |len| L.lambdest_item_text(item, L::ITEM_CARRIER, len) }
  says = code.zero? ? L.lambdest_envelope_outcome(L.lambdest_item_envelope(item)) : code
  puts "item #{L.word(L.lambdest_item_kind(item))} by #{carrier}: #{L.word(says)}"
  code.zero?
end

def unwrap_events
  %w[sqs-in-lambda-batch-mixed sns-in-sqs-in-lambda].each do |path|
    event = read("records/#{path}")
    items = L.made { |out, err| L.lambdest_unwrap(event, event.bytesize, nil, out, err) }
    L.lambdest_items_count(items).times do |i|
      next if show_item(L.lambdest_items_at(items, i))

      expect(L.lambdest_items_fail(items, i), L::OK)
      puts "response #{L.long_text { |out, len| L.lambdest_items_response(items, out, len) }}"
    end
    L.lambdest_items_free(items)
  end
end

version = L.lambdest_version
puts "version #{version / 1_000_000}.#{version / 1000 % 1000}.#{version % 1000}"
parse_each_kind
parse_the_other_forms
build_and_classify
a_broken_text
pull
dispatch_to_a_callback
a_callback_that_raises
unwrap_events
