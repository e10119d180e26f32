# lambdest: GNU make, POSIX sh. `make help` lists the targets; all that is built goes under $(BUILD).
#
#   VARIANT=release|debug|asan|ubsan|tsan|cov|valgrind    WERROR=1    V=1  CHECKS="headers style"  TEST_JOBS=1
#   CC CPPFLAGS CFLAGS LDFLAGS are the user's: used last, never assigned here.
#   PREFIX LIBDIR INCLUDEDIR DATADIR MANDIR PKGCONFIGDIR CMAKEDIR DESTDIR

.DELETE_ON_ERROR:
.SUFFIXES:

VARIANT ?= release
BUILD ?= build
B := $(BUILD)/$(VARIANT)

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
CMAKEDIR ?= $(LIBDIR)/cmake/lambdest

PKG_CONFIG ?= pkg-config
NM ?= nm
GCOV ?= gcov
CLANG_FORMAT ?= clang-format
VALGRIND ?= valgrind
INSTALL ?= install

version_of = $(shell sed -n 's/^ *\# *define  *LAMBDEST_VERSION_$1  *\([0-9][0-9]*\).*/\1/p' include/lambdest/base.h)
# The interface's own number: it grows with every incompatible change, whatever the version.
ABI := 0
MAJOR := $(call version_of,MAJOR)
MINOR := $(call version_of,MINOR)
VERSION := $(MAJOR).$(MINOR).$(call version_of,PATCH)
ifneq ($(words $(subst ., ,$(VERSION))),3)
$(error include/lambdest/base.h does not define LAMBDEST_VERSION_MAJOR, _MINOR and _PATCH)
endif

# ---- flags ----

OPT_release := -O2
OPT_debug := -O0 -g3
OPT_asan := -O1 -g -fno-omit-frame-pointer
OPT_ubsan := -O1 -g -fno-omit-frame-pointer
OPT_tsan := -O1 -g -fno-omit-frame-pointer
OPT_cov := -O0 -g
OPT_valgrind := -O1 -g
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=all
SANITIZE_ubsan := -fsanitize=undefined -fno-sanitize-recover=all
# Of clang, and for the library alone: C defines what these tell of, and the library means none of it but
# what tests/ubsan.ignore names.
SANITIZE_ubsan_clang := -fsanitize=integer,implicit-conversion,nullability,local-bounds \
	-fno-sanitize-recover=all -fsanitize-ignorelist=tests/ubsan.ignore
SANITIZE_tsan := -fsanitize=thread
SANITIZE_cov := --coverage -fprofile-update=atomic
ifeq ($(OPT_$(VARIANT)),)
$(error there is no VARIANT=$(VARIANT))
endif
OPT := $(OPT_$(VARIANT))
SANITIZE := $(SANITIZE_$(VARIANT))

# A value found out at its first use in a recipe, not while make reads this file: the compiler and
# pkg-config may be missing until `make deps` has run.
once = $(eval $1 := $(shell { $2; } 2>/dev/null))$($1)
CLANG = $(call once,CLANG,$(CC) -dM -E -x c /dev/null | grep -c __clang__)
JANSSON_CFLAGS = $(call once,JANSSON_CFLAGS,$(PKG_CONFIG) --cflags jansson)
JANSSON_LIBS = $(call once,JANSSON_LIBS,$(PKG_CONFIG) --libs jansson)
CMOCKA_CFLAGS = $(call once,CMOCKA_CFLAGS,$(PKG_CONFIG) --cflags cmocka)
CMOCKA_LIBS = $(call once,CMOCKA_LIBS,$(PKG_CONFIG) --libs cmocka)
CURL_CFLAGS = $(call once,CURL_CFLAGS,$(PKG_CONFIG) --cflags libcurl)
CURL_LIBS = $(call once,CURL_LIBS,$(PKG_CONFIG) --libs libcurl)

WARN_BOTH := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wcast-qual -Wpointer-arith -Wwrite-strings -Wformat=2 \
	-Wundef -Wvla -Wswitch-enum -Wnull-dereference -Wdouble-promotion
WARN_GCC := -Wcast-align=strict -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wjump-misses-init
WARN_CLANG := -Wcast-align -Wcomma -Wconditional-uninitialized -Wshorten-64-to-32 -Wunreachable-code \
	-Wdocumentation
WARN = $(WARN_BOTH) $(if $(filter 0,$(CLANG)),$(WARN_GCC),$(WARN_CLANG)) $(if $(filter 1,$(WERROR)),-Werror)

# Fortified headers warn without optimisation and blind the sanitizers; a host's own setting wins.
USER_FLAGS := $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)
FORTIFY := $(if $(SANITIZE)$(filter -O0,$(OPT) $(USER_FLAGS))$(findstring _FORTIFY_SOURCE,$(USER_FLAGS))$(findstring \
	-fsanitize,$(USER_FLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
Z_DEFS := $(if $(findstring -fsanitize,$(SANITIZE) $(USER_FLAGS)),,-Wl,-z,defs)

# One set of position-independent objects serves both libraries, so that the static one can go into a
# host's own shared object (a language binding). A section each lets a host's linker leave out what it does not call.
BASE_FLAGS = -std=c11 $(OPT) $(SANITIZE) -fPIC -fvisibility=hidden -fstack-protector-strong \
	-ffunction-sections -fdata-sections '-ffile-prefix-map=$(CURDIR)=.' $(WARN)
COMPILE = $(CC) $(BASE_FLAGS) $(if $(filter 0,$(CLANG)),,$(SANITIZE_$(VARIANT)_clang)) $(FORTIFY) -Iinclude -Ilib $(JANSSON_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c
COMPILE_TEST = $(CC) $(BASE_FLAGS) $(FORTIFY) -Iinclude -Ilib -Itests $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS) \
	$(CPPFLAGS) $(CFLAGS) -MMD -MP -c
COMPILE_EXAMPLE = $(CC) $(BASE_FLAGS) $(FORTIFY) -Iinclude $(JANSSON_CFLAGS) $(CURL_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c
HARDEN_LINK := -Wl,-z,relro,-z,now -Wl,--as-needed
LINK = $(CC) $(OPT) $(SANITIZE) $(HARDEN_LINK) $(CFLAGS) $(LDFLAGS)
LINK_SHARED = $(LINK) -shared -Wl,--gc-sections -Wl,-soname,$(SONAME) -Wl,--version-script=$(MAP) -Wl,--no-undefined-version $(Z_DEFS)
ARFLAGS = rcD

# ---- files ----

SRC := $(sort $(wildcard lib/*/*.c))
OBJ := $(SRC:%.c=$(B)/%.o)
HEADERS := include/lambdest.h $(sort $(wildcard include/lambdest/*.h))
SCHEMAS := $(sort $(wildcard include/lambdest/schema/*.schema.json))
MAN := $(sort $(wildcard man/*.3 man/*.5 man/*.7))

SONAME := liblambdest.so.$(ABI)
LIB_A := $(B)/liblambdest.a
LIB_SO := $(B)/liblambdest.so.$(VERSION)
LIB_LINKS := $(B)/$(SONAME) $(B)/liblambdest.so
MAP := $(B)/lambdest.map
PC := $(B)/lambdest.pc
CMAKE := $(B)/lambdest-config.cmake $(B)/lambdest-config-version.cmake

TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(sort $(wildcard tests/test_*.c)))
TEST_SUPPORT := $(patsubst tests/%.c,$(B)/tests/%.o,$(wildcard tests/support.c))

# The tests that use the public headers only: neither they nor a header they include from tests/ names one of
# lib/. They run against any build of the library, the amalgamation and a shared one too.
INNER_HEADERS = $(notdir $(shell grep -l '^ *\# *include "[a-z]*/' tests/*.h))
PUBLIC_TESTS = $(sort $(shell grep -L -e '^ *\# *include "[a-z]*/' \
	$(INNER_HEADERS:%=-e '^ *\# *include "%"') tests/test_*.c))

EXAMPLES_DIR := $(if $(filter release,$(VARIANT)),$(BUILD),$(B))/examples
# Programs that need libcurl, and parts of them; `make check` does without.
HAVE_CURL := $(shell $(PKG_CONFIG) --exists 'libcurl >= 7.88' 2>/dev/null && echo yes)
CURL_PARTS := aws_sink functions
CURL_EXAMPLES := $(addprefix $(EXAMPLES_DIR)/,deliver runtime)
EXAMPLES := $(filter-out $(CURL_EXAMPLES) $(CURL_PARTS:%=$(EXAMPLES_DIR)/%),$(patsubst \
	tests/examples/%.c,$(EXAMPLES_DIR)/%,$(sort $(wildcard tests/examples/*.c))))
EXAMPLES_OBJ := $(patsubst tests/examples/%.c,$(B)/tests/examples/%.o,$(sort $(wildcard tests/examples/*.c)))
STAMP := $(B)/flags
TEST_STAMP := $(B)/flags.tests

# These goals come before all others, also with -j: `make -j2 deps check`.
FIRST := $(filter deps clean,$(MAKECMDGOALS))

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s%s\n'
endif

.PHONY: all tests examples deps demo check check-headers check-style check-exports check-install check-man \
	check-version check-readme check-reproducible check-embed check-platforms check-abi abi-baseline \
	check-grow amalgamation check-amalgamation dist distcheck bench bench-deps bench-portable bench-scale bench-count \
	check-count asan valgrind coverage install uninstall clean format public-tests check-hardening analyze \
	proof bench-bounds faults tsan trust check-cdef without-curl check-cmake deb check-deb mutants help \
	FORCE

all: $(LIB_A) $(LIB_SO) $(LIB_LINKS) $(PC) $(CMAKE) $(B)/lambdest.cdef ## Build the static and the shared library (the default)

tests: $(TESTS) ## Build the test programs

examples: $(EXAMPLES) $(if $(HAVE_CURL),$(CURL_EXAMPLES),without-curl) ## Build the example programs into build/examples

# ---- library ----

quoted = '$(subst ','\'',$1)'
rewrite = if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi

$(STAMP): FORCE | $(FIRST)
	@mkdir -p $(@D)
	@$(PKG_CONFIG) --exists 'jansson >= 2.14' 2>/dev/null || { echo 'jansson 2.14 or $(PKG_CONFIG) not found: run "make deps"' >&2; exit 1; }
	@printf '%s\n' $(call quoted,$(COMPILE) $(LINK_SHARED) $(JANSSON_LIBS) $(OBJ)) >$@.new
	@$(rewrite)

$(TEST_STAMP): $(STAMP) FORCE
	@$(PKG_CONFIG) --exists cmocka 2>/dev/null || { echo 'cmocka not found: run "make deps"' >&2; exit 1; }
	@printf '%s\n' $(call quoted,$(COMPILE_TEST) $(LINK) $(CMOCKA_LIBS) $(JANSSON_LIBS)) >$@.new
	@$(rewrite)

$(OBJ): $(B)/%.o: %.c $(STAMP)
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -o $@ $<

$(LIB_A): $(OBJ) $(STAMP)
	$(say) AR $@
	@rm -f $@
	$(Q)$(AR) $(ARFLAGS) $@ $(OBJ)

$(MAP): lib/lambdest.sym $(STAMP)
	@{ echo 'LAMBDEST_$(ABI) {'; echo 'global:'; sed 's/$$/;/' lib/lambdest.sym; echo 'local: *;'; echo '};'; } >$@

$(LIB_SO): $(OBJ) $(MAP) $(STAMP)
	$(say) LD $@
	$(Q)$(LINK_SHARED) -o $@ $(OBJ) $(JANSSON_LIBS)

$(B)/$(SONAME): $(LIB_SO)
	@ln -sf $(<F) $@

$(B)/liblambdest.so: $(B)/$(SONAME)
	@ln -sf $(<F) $@

$(PC): pkgconfig/lambdest.pc.in FORCE | $(FIRST)
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))|' \
	    -e 's|@INCLUDEDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(INCLUDEDIR))|' \
	    -e 's|@DATADIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(DATADIR))|' \
	    -e 's|@VERSION@|$(VERSION)|' pkgconfig/lambdest.pc.in >$@.new
	@$(rewrite)

# The way from folder $1 to folder $2, written with as few .. as it takes; both absolute.
way = $(shell printf '%s\n' $(call quoted,$1) $(call quoted,$2) | awk -F / ' \
	NR == 1 { n = split($$0, from); next } { m = split($$0, to); for (i = 1; i <= n && i <= m && from[i] == to[i];) i++; \
	for (k = i; k <= n; k++) way = way "../"; for (k = i; k <= m; k++) way = way to[k] "/"; sub(/\/$$/, "", way); print way }')

$(CMAKE): $(B)/%.cmake: pkgconfig/%.cmake.in FORCE | $(FIRST)
	@mkdir -p $(@D)
	@pointer=$$(echo __SIZEOF_POINTER__ | $(CC) $(CPPFLAGS) $(CFLAGS) -E -P -x c -) && sed -e 's|@VERSION@|$(VERSION)|' \
	    -e 's|@MAJOR@|$(MAJOR)|' -e 's|@MINOR@|$(MINOR)|' -e 's|@SONAME@|$(SONAME)|' -e "s|@POINTER_SIZE@|$$pointer|" \
	    -e 's|@CMAKE_TO_LIB@|$(call way,$(CMAKEDIR),$(LIBDIR))|' \
	    -e 's|@CMAKE_INCLUDE@|$(if $(filter $(PREFIX)/%,$(INCLUDEDIR)),$(call way,$(LIBDIR),$(INCLUDEDIR)),$(INCLUDEDIR))|' $< >$@.new
	@$(rewrite)

# The API as plain declarations, for cffi, LuaJIT and their like: they know the fixed-width types. Each
# function, member and enumerator has a line of its own, for languages that read them by a pattern.
PLAIN := awk '{ text = text " " $$0 } END { \
	gsub(/[ \t]+/, " ", text); gsub(/ ?\{ ?/, " {\n", text); gsub(/; ?/, ";\n", text); gsub(/ ?\} */, "\n} ", text); \
	gsub(/\} ;/, "};", text); n = split(text, line, "\n"); \
	for (i = 1; i <= n; i++) { \
	    sub(/^ /, "", line[i]); \
	    if (line[i] ~ /^\}/) indent = type = ""; \
	    if (type == "enum") gsub(/, /, ",\n" indent, line[i]); \
	    if (line[i] != "") print indent line[i]; \
	    if (line[i] ~ /\{$$/) { indent = "    "; type = substr(line[i], 1, 4) } \
	} }'

$(B)/lambdest.cdef: $(HEADERS) Makefile $(STAMP)
	@mkdir -p $(B)/plain && : >$(B)/plain/stddef.h && : >$(B)/plain/stdint.h
	@echo '#include <lambdest.h>' | \
	    $(CC) -E -P -nostdinc -I$(B)/plain -Iinclude -U__GNUC__ -x c - >$(B)/plain/lambdest.i
	@{ echo '/* lambdest $(VERSION): the API as plain declarations, made from its headers. */'; \
	    $(PLAIN) $(B)/plain/lambdest.i; } >$@

# ---- tests and examples ----

$(TESTS:=.o) $(TEST_SUPPORT): $(B)/tests/%.o: tests/%.c $(TEST_STAMP)
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(COMPILE_TEST) -o $@ $<

$(TESTS): %: %.o $(TEST_SUPPORT) $(LIB_A) $(TEST_STAMP)
	$(say) LD $@
	$(Q)$(LINK) -o $@ $< $(TEST_SUPPORT) $(LIB_A) $(CMOCKA_LIBS) $(JANSSON_LIBS)

$(EXAMPLES_OBJ): $(B)/tests/examples/%.o: tests/examples/%.c $(STAMP)
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(COMPILE_EXAMPLE) -o $@ $<

$(EXAMPLES): $(EXAMPLES_DIR)/%: $(B)/tests/examples/%.o $(LIB_A) $(STAMP)
	$(say) LD $@
	@mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $< $(LIB_A) $(JANSSON_LIBS)

$(EXAMPLES_DIR)/runtime: $(B)/tests/examples/functions.o

$(CURL_EXAMPLES): $(EXAMPLES_DIR)/%: $(B)/tests/examples/%.o $(B)/tests/examples/aws_sink.o $(LIB_A) $(STAMP)
	$(say) LD $@
	@mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIB_A) $(JANSSON_LIBS) $(CURL_LIBS)

without-curl:
	@echo '  left out (no libcurl 7.88 or later): $(notdir $(CURL_EXAMPLES))'

include $(wildcard tests/*/rules.mk)

demo: $(EXAMPLES_DIR)/demo ## Build and run the demonstration; it writes under build/demo
	@mkdir -p $(BUILD)/demo
	@$(EXAMPLES_DIR)/demo

SCRIPT_ENV = CC=$(call quoted,$(CC)) CXX=$(call quoted,$(CXX)) PKG_CONFIG=$(call quoted,$(PKG_CONFIG)) \
	NM=$(call quoted,$(NM)) OUT=$(call quoted,$(B))
ifeq ($(VARIANT),release)
CHECKS ?= headers style exports hardening version readme cdef
endif

RUN_valgrind = LAMBDEST_TEST_QUICK=1 $(VALGRIND) -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible
RUN = $(RUN_$(VARIANT))
export ASAN_OPTIONS ?= allocator_may_return_null=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS ?= print_stacktrace=1
export CMOCKA_MESSAGE_OUTPUT ?= STDOUT

check: $(TESTS) $(EXAMPLES) $(if $(filter valgrind,$(VARIANT)),,$(REPLAYS) $(FUZZ_SEEDS)/done) all ## Run every test, the examples and the quick checks
	@rm -f $(TESTS:=.tally); \
	RUN='$(RUN)' V='$(V)' $(if $(TEST_JOBS),JOBS='$(TEST_JOBS)') sh tests/run.sh $(TESTS) || :; \
	set -- $$(cat $(TESTS:=.tally) | awk '{ p += $$1; f += $$2 } END { print p + 0, f + 0, NR }'); \
	passed=$$1 failed=$$2 cases=$$(($$1 + $$2)); \
	if [ $$3 -ne $(words $(TESTS)) ]; then echo 'not every test ran' >&2; failed=$$((failed + 1)); fi; \
	one() { \
	    name=$$1; shift; log=$(B)/$$name.log; \
	    if "$$@" >$$log 2>&1; then result=passed; passed=$$((passed + 1)); \
	    else result=FAILED; failed=$$((failed + 1)); fi; \
	    if [ $$result = FAILED ] || [ "$(V)" = 1 ]; then cat $$log; fi; \
	    printf '  %-36s      %s\n' $$name $$result; \
	}; \
	if [ -f tests/examples/check.sh ] && [ $(VARIANT) != valgrind ]; then \
	    one examples env EXAMPLES=$(EXAMPLES_DIR) $(SCRIPT_ENV) sh tests/examples/check.sh; \
	fi; \
	if [ $(VARIANT) != valgrind ]; then one fuzz-replay env $(FUZZ_ENV) $(if $(TEST_JOBS),JOBS='$(TEST_JOBS)') sh tests/fuzz/run.sh replay; fi; \
	for check in $(CHECKS); do one check-$$check env $(SCRIPT_ENV) sh tests/check_$$check.sh; done; \
	if [ $$cases -eq 0 ]; then echo 'no test case ran' >&2; fi; \
	echo "$$passed passed, $$failed failed"; \
	[ $$failed -eq 0 ] && [ $$cases -gt 0 ]

check-headers: ## Each public header compiles alone, as C and C++
check-style: ## What the code may not contain
check-exports: all ## The exported symbols are those of lib/lambdest.sym
check-hardening: all ## The shared library is hardened: RELRO, stack protector, checked functions
check-man: all ## The man pages: lint, complete, prototypes and examples compile
check-version: all ## One version everywhere
check-cdef: all ## lambdest.cdef says what the headers say, in plain C
check-readme: all ## The README's first program prints what it says
check-headers check-style check-exports check-hardening check-man check-version check-readme check-cdef: | $(FIRST)
	@$(SCRIPT_ENV) sh tests/$(subst -,_,$@).sh

check-install: all ## Install, build against it, uninstall
check-reproducible: | $(FIRST) ## Two builds in two directories give the same bytes
check-install check-reproducible:
	@MAKE='$(MAKE)' $(SCRIPT_ENV) sh tests/$(subst -,_,$@).sh

check-embed: all ## From C++; and copies hidden in two plugins beside the shared library
	@$(SCRIPT_ENV) sh tests/embed/run.sh

check-platforms: | $(FIRST) ## Every test on other machines; PLATFORMS="musl m32 arm64 s390x O0 lto ..."
	@MAKE='$(MAKE)' PLATFORMS=$(call quoted,$(PLATFORMS)) OUT=$(BUILD)/platforms sh tests/platforms/run.sh

AMALGAMATION := $(BUILD)/amalgamation
amalgamation: ## The whole library as build/amalgamation/lambdest.c and lambdest.h
	@sh .packaging/amalgamate.sh '$(AMALGAMATION)'

check-amalgamation: amalgamation | $(FIRST) ## It compiles with gcc and clang, and passes the public tests
	@FILES='$(AMALGAMATION)' PUBLIC_TESTS='$(PUBLIC_TESTS)' PROGRAMS='$(notdir $(EXAMPLES))' $(SCRIPT_ENV) sh tests/check_amalgamation.sh

TARBALL := $(BUILD)/lambdest-$(VERSION).tar.gz
dist: ## A tarball of the sources, the same bytes from the same files
	@sh .packaging/dist.sh '$(BUILD)' '$(BUILD)'

distcheck: dist | $(FIRST) ## Build, check, install and uninstall from that tarball
	@TARBALL='$(TARBALL)' MAKE='$(MAKE)' $(SCRIPT_ENV) sh tests/check_dist.sh

deb: dist | $(FIRST) ## Debian packages in build/deb (DEB_BUILD_OPTIONS=nocheck: without the tests)
	@sh .packaging/deb.sh '$(BUILD)/deb' '$(TARBALL)'

check-deb: deb all ## They pass lintian, and a program builds with them
	@PACKAGES='$(BUILD)/deb' MAKE='$(MAKE)' $(SCRIPT_ENV) sh tests/check_deb.sh

check-cmake: all ## Find it with find_package, moved elsewhere
	@MAKE='$(MAKE)' $(SCRIPT_ENV) sh tests/check_cmake.sh

check-abi: | $(FIRST) ## The interface is the committed one (abidiff), and what breaks it is seen
	@MAKE='$(MAKE)' $(SCRIPT_ENV) sh tests/abi/check.sh
	@MAKE='$(MAKE)' $(SCRIPT_ENV) sh tests/abi/prove.sh

abi-baseline: | $(FIRST) ## Write tests/abi/*.abi and constants anew
	@MAKE='$(MAKE)' $(SCRIPT_ENV) sh tests/abi/check.sh renew

check-grow: all ## Old and new programs with old and new libraries
	@MAKE='$(MAKE)' $(SCRIPT_ENV) sh tests/abi/grow.sh

bench: all ## Measure beside other libraries; prints ratios
	@$(SCRIPT_ENV) sh tests/bench/run.sh full

bench-portable: all ## The same for a library in plain C, without vector instructions: build and parse
	@MAKE='$(MAKE)' $(SCRIPT_ENV) sh tests/bench/run.sh portable

bench-scale: all ## The exponent by which time grows with size
	@$(SCRIPT_ENV) sh tests/bench/run.sh scale

bench-bounds: all ## Texts as bad as can be, 64 MiB each: time and memory a byte beside a good one, within limits
	@$(if $(MIB),MIB='$(MIB)') $(SCRIPT_ENV) sh tests/bench/run.sh bounds

bench-count: all ## Count instructions into tests/bench/instructions
	@VALGRIND=$(call quoted,$(VALGRIND)) $(SCRIPT_ENV) sh tests/bench/run.sh count

check-count: all ## No operation takes over 3 % more instructions than tests/bench/instructions says
	@VALGRIND=$(call quoted,$(VALGRIND)) $(SCRIPT_ENV) sh tests/bench/run.sh check-count

bench-deps: | $(FIRST) ## Install what the benchmark compares with (Debian, Ubuntu)
	@apt-get install --no-install-recommends -y libjansson-dev libjson-c-dev libcjson-dev rapidjson-dev libsimdjson-dev \
	    g++ valgrind

asan: | $(FIRST) ## The check under the address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory VARIANT=asan check

trust: | $(FIRST) ## All of this and more, for hours; STEPS="proof mutants fuzz" FUZZ_SECONDS=3600
	@MAKE='$(MAKE)' OUT='$(BUILD)' $(if $(STEPS),STEPS='$(STEPS)') FUZZ_SECONDS=$(FUZZ_SECONDS) sh tests/trust.sh

# Where addresses are spread too widely for the sanitizer, they are not to be.
tsan: | $(FIRST) ## The check under the thread sanitizer
	@+$$(setarch -R true 2>/dev/null && echo setarch -R) $(MAKE) --no-print-directory VARIANT=tsan check

valgrind: | $(FIRST) ## The test programs under valgrind
	@$(MAKE) --no-print-directory VARIANT=valgrind check

analyze: | $(FIRST) ## gcc -fanalyzer, clang-tidy and cppcheck over lib/: each silent, or this fails
	@WARN='$(WARN_BOTH) $(WARN_GCC)' $(SCRIPT_ENV) sh tests/analyze.sh

proof: | $(FIRST) ## Frama-C's Eva over what reads foreign bytes first: alarms by file (tests/proof/README)
	@$(SCRIPT_ENV) sh tests/proof/run.sh

COVERED ?= check
# By tests that mean it: long loops of chance are short here.
coverage: | $(FIRST) ## Every line and branch of lib/ is reached, or tests/coverage.excluded says why not (gcov)
	@find $(BUILD)/cov -name '*.gcda' -exec rm -f {} + 2>/dev/null || :
	@LAMBDEST_TEST_QUICK=1 $(MAKE) --no-print-directory VARIANT=cov $(COVERED)
	@OUT=$(call quoted,$(BUILD)/cov) GCOV=$(call quoted,$(GCOV)) sh tests/check_coverage.sh || [ $(COVERED) != check ]

ROOMS ?= json outcome carrier delivery
JOBS ?= 2
MUTANT_VARIANTS ?= debug asan
mutants: | $(FIRST) ## Flip operators and constants of ROOMS (or FILES): the tests notice (tests/mutation/README)
	@for variant in $(MUTANT_VARIANTS); do $(MAKE) --no-print-directory VARIANT=$$variant tests || exit 1; done
	@CC=$(call quoted,$(CC)) BUILDS='$(MUTANT_VARIANTS:%=$(BUILD)/%)' ROOMS='$(ROOMS)' JOBS='$(JOBS)' \
	    FILES='$(FILES)' LISTED='$(LISTED)' python3 tests/mutation/mutate.py

# ---- tools ----

# Only what is missing is installed; an index is fetched only if something is. On other systems the list
# is printed.
deps: ## Install what the build and the tests need (Debian, Ubuntu)
	@missing() { \
	    printf '#include <stdlib.h>\n' | $(CC) -E - >/dev/null 2>&1 || echo gcc libc6-dev; \
	    command -v $(PKG_CONFIG) >/dev/null 2>&1 || echo pkg-config; \
	    $(PKG_CONFIG) --exists 'jansson >= 2.14' 2>/dev/null || echo libjansson-dev; \
	    $(PKG_CONFIG) --exists cmocka 2>/dev/null || echo libcmocka-dev; \
	}; \
	need=$$(missing | tr '\n' ' '); \
	if [ -z "$$need" ]; then echo 'deps: all is there'; exit 0; fi; \
	if ! command -v apt-get >/dev/null 2>&1; then \
	    echo 'deps: install a C11 compiler, pkg-config, jansson and cmocka with their headers'; \
	    echo "deps: not found here, by their Debian names: $$need"; \
	    exit 1; \
	fi; \
	sudo=; \
	if [ "$$(id -u)" -ne 0 ] && command -v sudo >/dev/null 2>&1; then sudo=sudo; fi; \
	list=; \
	for p in $$need; do \
	    [ "$$(dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null)" = installed ] || list="$$list $$p"; \
	done; \
	if [ -n "$$list" ]; then \
	    apt="$$sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -qq -y"; \
	    echo "deps: installing$$list"; \
	    $$apt update </dev/null && $$apt install --no-install-recommends $$list </dev/null >/dev/null || exit 1; \
	fi; \
	need=$$(missing | tr '\n' ' '); \
	if [ -n "$$need" ]; then echo "deps: still not usable: $$need (CC is $(CC))" >&2; exit 1; fi

# The public headers are laid out by hand: an enumerator and what it means a line.
format: ## Format the C sources in place (clang-format)
	$(CLANG_FORMAT) -i $$(find lib tests -name '*.[ch]')

# ---- install ----

# Lines "section page name": every name in a page's NAME section that is not a page itself.
MAN_LINKS := for page in $(MAN); do \
	awk -v page=$$page 'BEGIN { n = split(page, p, /[\/.]/); s = p[n]; own = p[n - 1] } /^\.Sh/ { on = $$2 == "NAME" } \
	on && /^\.Nm/ && $$2 != "" && $$2 != own { print s, own, $$2 }' $$page; done | \
	while read -r section page name; do [ -f man/$$name.$$section ] || printf '%s %s %s\n' $$section $$page $$name; done

install: all ## Install under PREFIX (and DESTDIR)
	$(say) INSTALL '$(DESTDIR)$(PREFIX)'
	$(Q)$(INSTALL) -d '$(DESTDIR)$(LIBDIR)' '$(DESTDIR)$(INCLUDEDIR)/lambdest' '$(DESTDIR)$(PKGCONFIGDIR)'
	$(Q)$(INSTALL) -m 644 include/lambdest.h '$(DESTDIR)$(INCLUDEDIR)'
	$(Q)$(INSTALL) -m 644 include/lambdest/*.h '$(DESTDIR)$(INCLUDEDIR)/lambdest'
	$(Q)$(INSTALL) -m 644 $(LIB_A) '$(DESTDIR)$(LIBDIR)'
	$(Q)$(INSTALL) -m 755 $(LIB_SO) '$(DESTDIR)$(LIBDIR)'
	$(Q)ln -sf $(notdir $(LIB_SO)) '$(DESTDIR)$(LIBDIR)/$(SONAME)'
	$(Q)ln -sf $(SONAME) '$(DESTDIR)$(LIBDIR)/liblambdest.so'
	$(Q)$(INSTALL) -m 644 $(PC) '$(DESTDIR)$(PKGCONFIGDIR)'
	$(Q)$(INSTALL) -d '$(DESTDIR)$(CMAKEDIR)'
	$(Q)$(INSTALL) -m 644 $(CMAKE) '$(DESTDIR)$(CMAKEDIR)'
	$(Q)$(INSTALL) -d '$(DESTDIR)$(DATADIR)/lambdest'
	$(Q)$(INSTALL) -m 644 $(SCHEMAS) $(B)/lambdest.cdef '$(DESTDIR)$(DATADIR)/lambdest'
	$(Q)for page in $(MAN); do \
	    dir='$(DESTDIR)$(MANDIR)'/man$${page##*.}; \
	    $(INSTALL) -d "$$dir" && $(INSTALL) -m 644 $$page "$$dir" || exit 1; \
	done
	$(Q)$(MAN_LINKS) | while read -r section page name; do \
	    file='$(DESTDIR)$(MANDIR)'/man$$section/$$name.$$section; \
	    echo ".so man$$section/$$page.$$section" >"$$file" && chmod 644 "$$file" || exit 1; \
	done

uninstall: ## Remove what install put there
	$(say) REMOVE '$(DESTDIR)$(PREFIX)'
	$(Q)rm -f '$(DESTDIR)$(LIBDIR)'/liblambdest.a '$(DESTDIR)$(LIBDIR)'/liblambdest.so \
	    '$(DESTDIR)$(LIBDIR)/$(SONAME)' '$(DESTDIR)$(LIBDIR)/$(notdir $(LIB_SO))' \
	    '$(DESTDIR)$(PKGCONFIGDIR)/lambdest.pc'
	$(Q)for file in $(notdir $(CMAKE)); do rm -f '$(DESTDIR)$(CMAKEDIR)'/$$file; done
	$(Q)rmdir '$(DESTDIR)$(CMAKEDIR)' 2>/dev/null || :
	$(Q)for header in $(HEADERS:include/%=%); do rm -f '$(DESTDIR)$(INCLUDEDIR)'/$$header; done
	$(Q)rmdir '$(DESTDIR)$(INCLUDEDIR)/lambdest' 2>/dev/null || :
	$(Q)for file in lambdest.cdef $(notdir $(SCHEMAS)); do rm -f '$(DESTDIR)$(DATADIR)/lambdest'/$$file; done
	$(Q)rmdir '$(DESTDIR)$(DATADIR)/lambdest' 2>/dev/null || :
	$(Q)for page in $(MAN:man/%=%); do rm -f '$(DESTDIR)$(MANDIR)'/man$${page##*.}/$$page; done
	$(Q)$(MAN_LINKS) | while read -r section page name; do \
	    rm -f '$(DESTDIR)$(MANDIR)'/man$$section/$$name.$$section; \
	done

clean: ## Remove all that was built
	rm -rf $(BUILD)

public-tests: ## Name the tests that use the public headers only
	@printf '%s\n' $(PUBLIC_TESTS)

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/\1	\2/p' $(MAKEFILE_LIST) | \
	    awk -F '\t' '{ printf "  %-20s %s\n", $$1, $$2 }'

FORCE:

-include $(OBJ:.o=.d) $(TESTS:=.d) $(TEST_SUPPORT:.o=.d) $(EXAMPLES_OBJ:.o=.d) $(REHEARSE:.o=.d) \
	$(wildcard $(B)/tests/fuzz/*.d $(FUZZ_OBJ:.o=.d) $(BUILD)/fuzz/tests/fuzz/*.d)
