# The same tests and examples with every call that takes memory rehearsed: tests/faults/rehearse.c.
REHEARSE := $(B)/tests/faults/rehearse.o
REHEARSE_FLAGS := tests/faults/wrap.flags
REHEARSED_TESTS := $(TESTS:$(B)/tests/%=$(B)/rehearsed/%)
REHEARSED_EXAMPLES := $(EXAMPLES:$(EXAMPLES_DIR)/%=$(B)/rehearsed/examples/%)

$(REHEARSE): tests/faults/rehearse.c $(TEST_STAMP)
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(COMPILE_TEST) -o $@ $<

$(REHEARSED_TESTS): $(B)/rehearsed/%: $(B)/tests/%.o $(TEST_SUPPORT) $(REHEARSE) $(REHEARSE_FLAGS) $(LIB_A)
	@mkdir -p $(@D)
	$(Q)$(LINK) @$(REHEARSE_FLAGS) -o $@ $< $(REHEARSE) $(TEST_SUPPORT) $(LIB_A) $(CMOCKA_LIBS) $(JANSSON_LIBS)

$(REHEARSED_EXAMPLES): $(B)/rehearsed/%: $(B)/tests/%.o $(TEST_SUPPORT) $(REHEARSE) $(REHEARSE_FLAGS) $(LIB_A)
	@mkdir -p $(@D)
	$(Q)$(LINK) @$(REHEARSE_FLAGS) -o $@ $< $(REHEARSE) $(TEST_SUPPORT) $(LIB_A) $(CMOCKA_LIBS) $(JANSSON_LIBS)

faults: $(REHEARSED_TESTS) $(REHEARSED_EXAMPLES) $(TESTS) $(EXAMPLES) ## Fail every allocation and system call, fill a disk, kill writers
	@$(SCRIPT_ENV) sh tests/faults/run.sh
