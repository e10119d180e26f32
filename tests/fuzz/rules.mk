# The harnesses of tests/fuzz/fuzz_*.c are built twice: for make check with the replay driver and whatever
# compiler builds the rest, and for make fuzz with libFuzzer and the sanitizers of clang.
FUZZ_CC ?= clang
FUZZ_CXX ?= clang++
FUZZ_SECONDS ?= 60
FUZZ_SANITIZE ?= -fsanitize=address,undefined,integer,implicit-conversion,nullability,local-bounds \
	-fsanitize-ignorelist=tests/fuzz/wraps.ignore -fno-sanitize-recover=all
FUZZ_TOPICS := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_SHARED := tests/fuzz/fuzz tests/fuzz/change tests/support
FUZZ_SEEDS := $(B)/tests/fuzz/seeds
FUZZ_DATA := $(wildcard tests/records/*.json) -- $(wildcard tests/captures/*/*.json)
REPLAYS := $(FUZZ_TOPICS:%=$(B)/tests/fuzz/replay_%)
FUZZERS := $(FUZZ_TOPICS:%=$(BUILD)/fuzz/bin/%)
FUZZ_OBJ := $(SRC:%.c=$(BUILD)/fuzz/%.o) $(FUZZ_SHARED:%=$(BUILD)/fuzz/%.o)
FUZZ_COMPILE = $(FUZZ_CC) -std=c11 -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link $(FUZZ_SANITIZE) -DFUZZ_SECOND \
	-Iinclude -Ilib -Itests $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS) -MMD -MP -c

$(B)/tests/fuzz/%.o: tests/fuzz/%.c $(TEST_STAMP)
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(COMPILE_TEST) -D_POSIX_C_SOURCE=200809L -o $@ $<

$(REPLAYS): $(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(FUZZ_SHARED:%=$(B)/%.o) $(LIB_A)
	$(say) LD $@
	$(Q)$(LINK) -o $@ $^ $(CMOCKA_LIBS) $(JANSSON_LIBS)

$(B)/tests/fuzz/make_seeds: $(B)/tests/fuzz/seeds.o $(FUZZ_SHARED:%=$(B)/%.o) $(LIB_A)
	$(say) LD $@
	$(Q)$(LINK) -o $@ $^ $(CMOCKA_LIBS) $(JANSSON_LIBS)

$(FUZZ_SEEDS)/done: $(B)/tests/fuzz/make_seeds $(filter %.json,$(FUZZ_DATA))
	@rm -rf $(@D) && mkdir -p $(@D)
	@$< $(@D) $(FUZZ_DATA) && : >$@

$(BUILD)/fuzz/%.o: %.c Makefile
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(FUZZ_COMPILE) -o $@ $<

$(BUILD)/fuzz/tests/fuzz/second.o: tests/fuzz/second.cc
	$(say) CXX $<
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CXX) -O2 -c -o $@ $<

$(FUZZERS): $(BUILD)/fuzz/bin/%: $(BUILD)/fuzz/tests/fuzz/fuzz_%.o $(FUZZ_OBJ) $(BUILD)/fuzz/tests/fuzz/second.o
	$(say) LD $@
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer $(FUZZ_SANITIZE) -o $@ $^ $(CMOCKA_LIBS) $(JANSSON_LIBS) -lstdc++

REPLAY_RUNS ?= $(if $(filter release,$(VARIANT)),12000,2000)
FUZZ_ENV = REPLAY_RUNS=$(REPLAY_RUNS) FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_DIR=$(BUILD)/fuzz REPLAY_DIR=$(B)/tests/fuzz FUZZ_TOPICS="$(FUZZ_TOPICS)"

.PHONY: fuzz fuzz-build fuzz-coverage fuzz-corpus check-fuzz
fuzz: fuzz-build ## Fuzz all harnesses for FUZZ_SECONDS together, two at once (clang, rapidjson-dev)
	@$(FUZZ_ENV) sh tests/fuzz/run.sh fuzz

fuzz-build: $(FUZZERS) $(FUZZ_SEEDS)/done

fuzz-coverage: ## What of lib/ the seeds and the corpus of make fuzz reach (gcov)
	@$(MAKE) --no-print-directory coverage COVERED=fuzz-corpus

fuzz-corpus: $(REPLAYS) $(FUZZ_SEEDS)/done
	@$(FUZZ_ENV) sh tests/fuzz/run.sh corpus

check-fuzz: $(REPLAYS) $(FUZZ_SEEDS)/done ## Replay seeds, what was found, and mutations of both through the harnesses
	@$(FUZZ_ENV) sh tests/fuzz/run.sh replay
