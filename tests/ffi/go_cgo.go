// lambdest from Go by cgo, which reads the installed headers.
package main

/*
#cgo pkg-config: lambdest
#include <lambdest.h>
#include <stdlib.h>

void goDeliver(lambdest_delivery *row, void *userData);
void goDestroy(void *userData);
*/
import "C"

import (
	"fmt"
	"os"
	"runtime/cgo"
	"unsafe"
)

// An Error is what the library says of a call that failed.
type Error struct {
	Code           C.int
	Offset         uint64
	Message, Where string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: byte %d of %s", e.Message, e.Offset, e.Where) }

func result(code C.int, err *C.lambdest_error) error {
	if code == 0 {
		return nil
	}
	return &Error{code, uint64(err.offset), C.GoString(err.message), C.GoString(err.where)}
}

// must ends this program at an error; a binding returns it.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func expect(ok bool, what string) {
	if !ok {
		panic(what)
	}
}

func word(value C.int) string { return C.GoString(C.lambdest_name(value)) }

// at is where bytes begin, for the duration of the call that it is an argument of.
func at(text []byte) *C.char {
	if len(text) == 0 {
		return nil
	}
	return (*C.char)(unsafe.Pointer(&text[0]))
}

func size(text []byte) C.size_t { return C.size_t(len(text)) }

// counted copies what a getter handed out, which is valid only until its object changes; nil for NULL. The
// length must be read in a statement after the call: f(g(&n), n) may read n first.
func counted(text *C.char, n C.size_t) []byte {
	if text == nil {
		return nil
	}
	return C.GoBytes(unsafe.Pointer(text), C.int(n))
}

func orNone(text []byte) string {
	if text == nil {
		return "none"
	}
	return string(text)
}

// Objects are freed by hand. A finalizer would run on a thread of its own, and a plan and its router belong
// to one thread at a time.
func parse(text []byte) (*C.lambdest_envelope, error) {
	var env *C.lambdest_envelope
	var err C.lambdest_error
	code := C.lambdest_envelope_parse(at(text), size(text), nil, &env, &err)
	return env, result(code, &err)
}

func written(env *C.lambdest_envelope) string {
	var need C.size_t
	var err C.lambdest_error
	C.lambdest_envelope_write(env, 0, 0, nil, 0, &need, nil)
	buf := make([]byte, need+1)
	must(result(C.lambdest_envelope_write(env, 0, 0, at(buf), size(buf), &need, &err), &err))
	return string(buf[:need])
}

func text(env *C.lambdest_envelope, member C.int) []byte {
	var n C.size_t
	got := C.lambdest_envelope_text(env, member, &n)
	return counted(got, n)
}

func rangeText(env *C.lambdest_envelope, i C.size_t, member C.int) []byte {
	var n C.size_t
	got := C.lambdest_envelope_range_text(env, i, member, &n)
	return counted(got, n)
}

func read(path string) []byte {
	text, err := os.ReadFile("tests/" + path + ".json")
	must(err)
	return text
}

func load(name, path string) *C.lambdest_envelope {
	env, err := parse(read(path))
	must(err)
	fmt.Printf("%s: %s, %s, %s, %s\n", name, word(C.lambdest_envelope_form(env)),
		word(C.lambdest_envelope_kind(env)), word(C.lambdest_envelope_outcome(env)),
		word(C.lambdest_envelope_cause(env)))
	return env
}

func parseEachKind() {
	for _, name := range []string{"async-success", "async-failure-unhandled-python", "kafka-failure"} {
		env := load(name, "records/"+name)
		for i := C.size_t(0); i < C.lambdest_envelope_range_count(env); i++ {
			fmt.Printf("range %s from %s\n", rangeText(env, i, C.LAMBDEST_RANGE_NAME),
				rangeText(env, i, C.LAMBDEST_RANGE_FIRST))
		}
		C.lambdest_envelope_free(env)
	}
}

func parseTheOtherForms() {
	env := load("document", "ffi/document")
	fmt.Printf("errorType %s\n", text(env, C.LAMBDEST_ERROR_TYPE))
	fmt.Printf("errorMessage %x\n", text(env, C.LAMBDEST_ERROR_MESSAGE))
	var n C.size_t
	payload := C.lambdest_envelope_json(env, C.LAMBDEST_REQUEST_PAYLOAD, &n)
	fmt.Printf("requestPayload %s\n", counted(payload, n))
	fmt.Println("condition", orNone(text(env, C.LAMBDEST_CONDITION)))
	var status C.int64_t
	fmt.Println("statusCode", word(C.lambdest_envelope_integer(env, C.LAMBDEST_STATUS_CODE, &status)))
	C.lambdest_envelope_free(env)
	C.lambdest_envelope_free(load("cloudevent", "ffi/cloudevent"))
}

func setText(env *C.lambdest_envelope, member C.int, value string) {
	var err C.lambdest_error
	text := []byte(value)
	must(result(C.lambdest_envelope_set_text(env, member, at(text), size(text), &err), &err))
}

func setInteger(env *C.lambdest_envelope, member C.int, value int64) {
	var err C.lambdest_error
	must(result(C.lambdest_envelope_set_integer(env, member, C.int64_t(value), &err), &err))
}

func setJSON(env *C.lambdest_envelope, member C.int, value string) {
	var err C.lambdest_error
	json := []byte(value)
	must(result(C.lambdest_envelope_set_json(env, member, at(json), size(json), &err), &err))
}

// What Go hands to C may not hold Go pointers: the text of slices is copied into C's memory.
func setError(env *C.lambdest_envelope, kind, message string, frames ...string) {
	var err C.lambdest_error
	slices := make([]C.lambdest_slice, len(frames))
	for i, frame := range frames {
		text := C.CString(frame)
		defer C.free(unsafe.Pointer(text))
		slices[i] = C.lambdest_slice{data: text, len: C.size_t(len(frame))}
	}
	k, m := []byte(kind), []byte(message)
	must(result(C.lambdest_envelope_set_error(env, at(k), size(k), at(m), size(m), &slices[0],
		C.size_t(len(slices)), &err), &err))
}

func build() *C.lambdest_envelope {
	var env *C.lambdest_envelope
	var err C.lambdest_error
	must(result(C.lambdest_envelope_new(nil, &env, &err), &err))
	setText(env, C.LAMBDEST_REQUEST_ID, "r\x00é")
	setText(env, C.LAMBDEST_CONDITION, "Success")
	setText(env, C.LAMBDEST_FUNCTION_ARN, "arn:aws:lambda:eu-west-1:111122223333:function:orders")
	setInteger(env, C.LAMBDEST_STATUS_CODE, 200)
	setInteger(env, C.LAMBDEST_TIMESTAMP_MS, 1772443498046)
	setJSON(env, C.LAMBDEST_REQUEST_PAYLOAD, `{"n": 1e+21}`)
	setJSON(env, C.LAMBDEST_RESPONSE_PAYLOAD, `"\ud83d"`)
	return env
}

func showBuilt(env *C.lambdest_envelope) {
	fmt.Println("built", written(env))
	fmt.Printf("built: %s, %s, %s\n", word(C.lambdest_envelope_kind(env)),
		word(C.lambdest_envelope_outcome(env)), word(C.lambdest_envelope_cause(env)))
}

func buildAndClassify() {
	env := build()
	defer C.lambdest_envelope_free(env)
	showBuilt(env)
	var err C.lambdest_error
	setText(env, C.LAMBDEST_CONDITION, "RetriesExhausted")
	must(result(C.lambdest_envelope_set_state(env, C.LAMBDEST_RESPONSE_PAYLOAD, C.LAMBDEST_ABSENT, &err), &err))
	setError(env, "OutOfStock", "no shelf", "top", "below")
	showBuilt(env)
}

func aBrokenText() {
	_, err := parse([]byte(`{"requestContext":{"condition":5}}`))
	e := err.(*Error)
	fmt.Printf("error %d (%s) at byte %d of %s: %s\n", e.Code, word(e.Code), e.Offset, e.Where, e.Message)
}

// A sink's callback. C may keep no Go pointer: user_data is a cell of C's memory with a cgo.Handle in it,
// which `destroy` lets go, and that may be after the router was freed, with its last plan.
type callback func(row *C.lambdest_delivery)

//export goDestroy
func goDestroy(userData unsafe.Pointer) {
	(*(*cgo.Handle)(userData)).Delete()
	C.free(userData)
	fmt.Println("sink destroyed")
}

// A panic must not cross the library's frames: Go would unwind them, and the router would answer
// LAMBDEST_E_BUSY from then on, as if it were still calling. So it is recovered here; what panicked reports
// nothing, and the row says so.
//
//export goDeliver
func goDeliver(row *C.lambdest_delivery, userData unsafe.Pointer) {
	defer func() {
		if r := recover(); r != nil {
			recovered = append(recovered, r)
		}
	}()
	(*(*cgo.Handle)(userData)).Value().(callback)(row)
}

var recovered []any

func routerWith(deliver callback) *C.lambdest_router {
	var router *C.lambdest_router
	var sink C.lambdest_sink
	var err C.lambdest_error
	must(result(C.lambdest_router_new(nil, &router, &err), &err))
	sink.size = C.uint32_t(unsafe.Sizeof(sink))
	if deliver != nil {
		sink.deliver = (C.lambdest_delivery_fn)(C.goDeliver)
	}
	sink.destroy = (*[0]byte)(C.goDestroy)
	sink.user_data = C.malloc(C.size_t(unsafe.Sizeof(cgo.Handle(0))))
	*(*cgo.Handle)(sink.user_data) = cgo.NewHandle(deliver)
	name := []byte("only")
	when := C.uint32_t(C.LAMBDEST_ON_SUCCESS | C.LAMBDEST_ON_FAILURE)
	must(result(C.lambdest_router_add_sink(router, when, at(name), size(name), &sink, &err), &err))
	return router
}

func planOf(router *C.lambdest_router, env *C.lambdest_envelope) *C.lambdest_plan {
	var plan *C.lambdest_plan
	var err C.lambdest_error
	must(result(C.lambdest_router_plan(router, env, 0, &plan, &err), &err))
	return plan
}

func rowText(row *C.lambdest_delivery, member C.int) []byte {
	var n C.size_t
	got := C.lambdest_delivery_text(row, member, &n)
	return counted(got, n)
}

func body(row *C.lambdest_delivery) []byte {
	var n C.size_t
	got := C.lambdest_delivery_body(row, &n)
	return counted(got, n)
}

func report(row *C.lambdest_delivery, verdict C.int, detail string) {
	text := []byte(detail)
	expect(C.lambdest_delivery_report(row, verdict, at(text), size(text)) == 0, "report")
}

func showRow(step string, plan *C.lambdest_plan) {
	row := C.lambdest_plan_at(plan, 0)
	var verdict C.int64_t
	expect(C.lambdest_delivery_integer(row, C.LAMBDEST_DELIVERY_VERDICT, &verdict) == 0, "verdict")
	fmt.Printf("%s %s: %s (%s), %d undelivered\n", step, rowText(row, C.LAMBDEST_DELIVERY_SINK),
		word(C.int(verdict)), orNone(rowText(row, C.LAMBDEST_DELIVERY_DETAIL)),
		C.lambdest_plan_undelivered(plan))
}

// Any order of router and plan will do; the envelope goes after its plan.
func letGo(env *C.lambdest_envelope, router *C.lambdest_router, plan *C.lambdest_plan) {
	C.lambdest_router_free(router)
	fmt.Println("router freed")
	C.lambdest_plan_free(plan)
	C.lambdest_envelope_free(env)
}

func pull() {
	env, router := build(), routerWith(nil)
	plan := planOf(router, env)
	showRow("pull", plan)
	row := C.lambdest_plan_at(plan, 0)
	expect(string(body(row)) == written(env), "body")
	report(row, C.LAMBDEST_VERDICT_DELIVERED, "HTTP 200")
	showRow("pull", plan)
	letGo(env, router, plan)
}

func dispatchToACallback() {
	env := build()
	router := routerWith(func(row *C.lambdest_delivery) {
		if string(body(row)) == written(env) {
			fmt.Println("dispatch only: the record came")
		}
		report(row, C.LAMBDEST_VERDICT_DELIVERED, "HTTP 200")
	})
	var plan *C.lambdest_plan
	var err C.lambdest_error
	must(result(C.lambdest_router_dispatch(router, env, 0, &plan, &err), &err))
	showRow("dispatch", plan)
	letGo(env, router, plan)
}

func aCallbackThatPanics() {
	env := build()
	router := routerWith(func(*C.lambdest_delivery) { panic("a sink that panics") })
	plan := planOf(router, env)
	expect(C.lambdest_plan_run(plan) == C.LAMBDEST_E_PARTIAL, "run")
	expect(len(recovered) == 1 && recovered[0] == "a sink that panics", "recovered")
	showRow("raise", plan)
	letGo(env, router, plan)
}

func showItem(item *C.lambdest_item) C.int {
	var n C.size_t
	carrier := C.lambdest_item_text(item, C.LAMBDEST_ITEM_CARRIER, &n)
	code := C.lambdest_item_error(item, nil)
	says := code
	if code == 0 {
		says = C.lambdest_envelope_outcome(C.lambdest_item_envelope(item))
	}
	fmt.Printf("item %s by %s: %s\n", word(C.lambdest_item_kind(item)), counted(carrier, n), word(says))
	return code
}

// Long text is the caller's: copied, then given back to lambdest_free.
func response(items *C.lambdest_items) []byte {
	var out *C.char
	var n C.size_t
	expect(C.lambdest_items_response(items, &out, &n) == 0, "response")
	defer C.lambdest_free(out)
	return counted(out, n)
}

func unwrapEvents() {
	for _, name := range []string{"sqs-in-lambda-batch-mixed", "sns-in-sqs-in-lambda"} {
		event := read("records/" + name)
		var items *C.lambdest_items
		var err C.lambdest_error
		must(result(C.lambdest_unwrap(at(event), size(event), nil, &items, &err), &err))
		for i := C.size_t(0); i < C.lambdest_items_count(items); i++ {
			if showItem(C.lambdest_items_at(items, i)) != 0 {
				expect(C.lambdest_items_fail(items, i) == 0, "fail")
				fmt.Printf("response %s\n", response(items))
			}
		}
		C.lambdest_items_free(items)
	}
}

func main() {
	version := C.lambdest_version()
	fmt.Printf("version %d.%d.%d\n", version/1000000, version/1000%1000, version%1000)
	parseEachKind()
	parseTheOtherForms()
	buildAndClassify()
	aBrokenText()
	pull()
	dispatchToACallback()
	aCallbackThatPanics()
	unwrapEvents()
}
