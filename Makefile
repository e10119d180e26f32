# lambdest: GNU make, POSIX sh. `make help` lists the targets; all that is built goes under $(BUILD).
#
#   VARIANT=release|debug|asan|ubsan|tsan|cov|valgrind    WERROR=1    V=1  CHECKS="headers style"
#   CC CPPFLAGS CFLAGS LDFLAGS are the user's: used last, never assigned here.
#   PREFIX LIBDIR INCLUDEDIR DATADIR MANDIR PKGCONFIGDIR DESTDIR

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

PKG_CONFIG ?= pkg-config
NM ?= nm
GCOV ?= gcov
CLANG_FORMAT ?= clang-format
VALGRIND ?= valgrind
INSTALL ?= install

version_of = $(shell sed -n 's/^ *\# *define  *LAMBDEST_VERSION_$1  *\([0-9][0-9]*\).*/\1/p' include/lambdest/base.h)
MAJOR := $(call version_of,MAJOR)
VERSION := $(MAJOR).$(call version_of,MINOR).$(call version_of,PATCH)
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
SANITIZE_cov := --coverage
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
# host's own shared object (a language binding).
BASE_FLAGS = -std=c11 $(OPT) $(SANITIZE) -fPIC -fvisibility=hidden -fstack-protector-strong \
	'-ffile-prefix-map=$(CURDIR)=.' $(WARN)
COMPILE = $(CC) $(BASE_FLAGS) $(if $(filter 0,$(CLANG)),,$(SANITIZE_$(VARIANT)_clang)) $(FORTIFY) -Iinclude -Ilib $(JANSSON_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c
COMPILE_TEST = $(CC) $(BASE_FLAGS) $(FORTIFY) -Iinclude -Ilib -Itests $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS) \
	$(CPPFLAGS) $(CFLAGS) -MMD -MP -c
COMPILE_EXAMPLE = $(CC) $(BASE_FLAGS) $(FORTIFY) -Iinclude $(JANSSON_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c
HARDEN_LINK := -Wl,-z,relro,-z,now -Wl,--as-needed
LINK = $(CC) $(OPT) $(SANITIZE) $(HARDEN_LINK) $(CFLAGS) $(LDFLAGS)
LINK_SHARED = $(LINK) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=$(MAP) -Wl,--no-undefined-version $(Z_DEFS)
ARFLAGS = rcD

# ---- files ----

SRC := $(sort $(wildcard lib/*/*.c))
OBJ := $(SRC:%.c=$(B)/%.o)
HEADERS := include/lambdest.h $(sort $(wildcard include/lambdest/*.h))
SCHEMAS := $(sort $(wildcard include/lambdest/schema/*.schema.json))
MAN := $(sort $(wildcard man/*.3 man/*.5 man/*.7))

SONAME := liblambdest.so.$(MAJOR)
LIB_A := $(B)/liblambdest.a
LIB_SO := $(B)/liblambdest.so.$(VERSION)
LIB_LINKS := $(B)/$(SONAME) $(B)/liblambdest.so
MAP := $(B)/lambdest.map
PC := $(B)/lambdest.pc

TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(sort $(wildcard tests/test_*.c)))
TEST_SUPPORT := $(patsubst tests/%.c,$(B)/tests/%.o,$(wildcard tests/support.c))
EXAMPLES_DIR := $(if $(filter release,$(VARIANT)),$(BUILD),$(B))/examples
EXAMPLES := $(patsubst tests/examples/%.c,$(EXAMPLES_DIR)/%,$(sort $(wildcard tests/examples/*.c)))
EXAMPLES_OBJ := $(EXAMPLES:$(EXAMPLES_DIR)/%=$(B)/tests/examples/%.o)
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

.PHONY: all tests examples deps demo check check-headers check-style check-exports check-hardening analyze proof bench-bounds check-install check-man \
	check-version check-readme check-reproducible bench bench-deps bench-scale bench-count check-count asan valgrind coverage install uninstall clean format help FORCE

all: $(LIB_A) $(LIB_SO) $(LIB_LINKS) $(PC) $(B)/lambdest.cdef ## Build the static and the shared library (the default)

tests: $(TESTS) ## Build the test programs

examples: $(EXAMPLES) ## Build the example programs into build/examples

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
	@{ echo 'LAMBDEST_$(MAJOR) {'; echo 'global:'; sed 's/$$/;/' lib/lambdest.sym; echo 'local: *;'; echo '};'; } >$@

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
	    -e 's|@VERSION@|$(VERSION)|' pkgconfig/lambdest.pc.in >$@.new
	@$(rewrite)

# The API as plain declarations, for cffi, LuaJIT and their like: they know the fixed-width types.
$(B)/lambdest.cdef: $(HEADERS) $(STAMP)
	@mkdir -p $(B)/plain && : >$(B)/plain/stddef.h && : >$(B)/plain/stdint.h
	@{ echo '/* lambdest $(VERSION): the API as plain declarations, made from its headers. */'; \
	    echo '#include <lambdest.h>' | $(CC) -E -P -nostdinc -I$(B)/plain -Iinclude -U__GNUC__ -x c - | \
	    sed 's/[[:space:]][[:space:]]*/ /g; s/^ //' | grep -v '^ *$$'; } >$@

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

demo: $(EXAMPLES_DIR)/demo ## Build and run the demonstration; it writes under build/demo
	@mkdir -p $(BUILD)/demo
	@$(EXAMPLES_DIR)/demo

SCRIPT_ENV = CC=$(call quoted,$(CC)) CXX=$(call quoted,$(CXX)) PKG_CONFIG=$(call quoted,$(PKG_CONFIG)) \
	NM=$(call quoted,$(NM)) OUT=$(call quoted,$(B))
ifeq ($(VARIANT),release)
CHECKS ?= headers style exports hardening version readme
endif

RUN_valgrind = LAMBDEST_TEST_QUICK=1 $(VALGRIND) -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible
RUN = $(RUN_$(VARIANT))
export ASAN_OPTIONS ?= allocator_may_return_null=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS ?= print_stacktrace=1
export CMOCKA_MESSAGE_OUTPUT ?= STDOUT

# Prints "passed failed skipped" of one program's output, in cmocka's own form or in TAP.
TALLY := awk '/^\[  PASSED  \]/ { p += $$4 } /^\[  FAILED  \] [0-9]+ test/ { f += $$4 } \
	/^\[  SKIPPED \] [0-9]+ test/ { s += $$4 } \
	/^(not )?ok .*\# SKIP/ { s++; next } /^ok / { p++ } /^not ok / { f++ } END { print p + 0, f + 0, s + 0 }'

check: $(TESTS) $(EXAMPLES) all ## Run every test, the examples and the quick checks
	@passed=0; failed=0; cases=0; \
	for test in $(TESTS); do \
	    name=$${test##*/}; log=$$test.log; \
	    $(RUN) $$test >$$log 2>&1; status=$$?; \
	    set -- $$($(TALLY) $$log); p=$$1 f=$$2 s=$$3; \
	    cases=$$((cases + p + f)); \
	    if [ $$status -ne 0 ] && [ $$f -eq 0 ]; then f=1; fi; \
	    if [ $$((p + f + s)) -eq 0 ]; then echo 'no test ran' >>$$log; f=1; fi; \
	    if [ $$f -gt 0 ] || [ "$(V)" = 1 ]; then cat $$log; fi; \
	    printf '  %-36s %4d passed' $$name $$p; \
	    if [ $$s -gt 0 ]; then printf ', %d skipped' $$s; fi; \
	    if [ $$f -gt 0 ]; then printf ', %d FAILED (exit %d)' $$f $$status; fi; \
	    echo; \
	    passed=$$((passed + p)); failed=$$((failed + f)); \
	done; \
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
check-readme: all ## The README's first program prints what it says
check-headers check-style check-exports check-hardening check-man check-version check-readme: | $(FIRST)
	@$(SCRIPT_ENV) sh tests/$(subst -,_,$@).sh

check-install: all ## Install, build against it, uninstall
check-reproducible: | $(FIRST) ## Two builds in two directories give the same bytes
check-install check-reproducible:
	@MAKE='$(MAKE)' $(SCRIPT_ENV) sh tests/$(subst -,_,$@).sh

bench: all ## Measure beside other libraries; prints ratios
	@$(SCRIPT_ENV) sh tests/bench/run.sh full

bench-scale: all ## The exponent by which time grows with size
	@$(SCRIPT_ENV) sh tests/bench/run.sh scale

bench-bounds: all ## Texts as bad as can be: time and memory a byte, within limits
	@$(SCRIPT_ENV) sh tests/bench/run.sh bounds

bench-count: all ## Count instructions into tests/bench/instructions
	@VALGRIND=$(call quoted,$(VALGRIND)) $(SCRIPT_ENV) sh tests/bench/run.sh count

check-count: all ## No operation takes over 3 % more instructions than tests/bench/instructions says
	@VALGRIND=$(call quoted,$(VALGRIND)) $(SCRIPT_ENV) sh tests/bench/run.sh check-count

bench-deps: | $(FIRST) ## Install what the benchmark compares with (Debian, Ubuntu)
	@apt-get install --no-install-recommends -y libjansson-dev libjson-c-dev libcjson-dev rapidjson-dev libsimdjson-dev \
	    g++ valgrind

asan: | $(FIRST) ## The check under the address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory VARIANT=asan check

valgrind: | $(FIRST) ## The test programs under valgrind
	@$(MAKE) --no-print-directory VARIANT=valgrind check

analyze: | $(FIRST) ## gcc -fanalyzer, clang-tidy and cppcheck over lib/: each silent, or this fails
	@WARN='$(WARN_BOTH) $(WARN_GCC)' $(SCRIPT_ENV) sh tests/analyze.sh

proof: | $(FIRST) ## Frama-C's Eva over what reads foreign bytes first: alarms by file (tests/proof/README)
	@$(SCRIPT_ENV) sh tests/proof/run.sh

coverage: | $(FIRST) ## Line and branch coverage of lib/ by file (gcov)
	@find $(BUILD)/cov -name '*.gcda' -exec rm -f {} + 2>/dev/null || :
	@$(MAKE) --no-print-directory VARIANT=cov check
	@for src in $(SRC); do $(GCOV) -n -b -o $(BUILD)/cov/$${src%.c}.o $$src 2>/dev/null; done | awk ' \
	    function percent(a, b) { return b ? sprintf("%6.2f%%", 100 * a / b) : "      -" } \
	    function flush() { \
	        if (file ~ /^(\.\/)?lib\/.*\.c$$/) { \
	            printf "%-36s %5d %s %7d %s\n", file, lines, percent(hit, lines), branches, percent(taken, branches); \
	            all_lines += lines; all_hit += hit; all_branches += branches; all_taken += taken; \
	        } \
	        file = ""; lines = hit = branches = taken = 0; \
	    } \
	    BEGIN { printf "%-36s %5s %7s %7s %7s\n", "file", "lines", "run", "branches", "taken" } \
	    /^File / { flush(); file = $$2; gsub(/\047/, "", file) } \
	    /^Lines executed:/ { split($$2, v, /[:%]/); lines = $$4; hit = lines * v[2] / 100 } \
	    /^Taken at least once:/ { split($$4, v, /[:%]/); branches = $$6; taken = branches * v[2] / 100 } \
	    /^$$/ { flush() } \
	    END { flush(); printf "%-36s %5d %s %7d %s\n", "all", all_lines, percent(all_hit, all_lines), \
	        all_branches, percent(all_taken, all_branches) }'

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

format: ## Format the C sources in place (clang-format)
	$(CLANG_FORMAT) -i $$(find include lib tests -name '*.[ch]')

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

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/\1	\2/p' Makefile | \
	    awk -F '\t' '{ printf "  %-20s %s\n", $$1, $$2 }'

FORCE:

-include $(OBJ:.o=.d) $(TESTS:=.d) $(TEST_SUPPORT:.o=.d) $(EXAMPLES_OBJ:.o=.d)
