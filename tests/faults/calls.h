/* Every function that can return LAMBDEST_E_NOMEM: name, parameters, arguments; what it may not change when
 * it fails; how its outputs are spoilt before a try, and how they must be after a failed one; its error. */
CALL(lambdest_envelope_new, (const lambdest_options *options, lambdest_envelope **out, lambdest_error *err),
     (options, out, err), .size = 0, POISON(out), CLEARED(out), err)
CALL(lambdest_envelope_parse,
     (const char *text, size_t len, const lambdest_options *options, lambdest_envelope **out,
      lambdest_error *err),
     (text, len, options, out, err), .size = len, POISON(out), CLEARED(out), err)
CALL(lambdest_envelope_clone, (const lambdest_envelope *env, lambdest_envelope **out, lambdest_error *err),
     (env, out, err), .env = env, POISON(out), CLEARED(out), err)
CALL(lambdest_envelope_set_state, (lambdest_envelope * env, int member, int state, lambdest_error *err),
     (env, member, state, err), .env = env, (void)0, true, err)
CALL(lambdest_envelope_set_text,
     (lambdest_envelope * env, int member, const char *text, size_t len, lambdest_error *err),
     (env, member, text, len, err), .env = env, (void)0, true, err)
CALL(lambdest_envelope_set_integer, (lambdest_envelope * env, int member, int64_t value, lambdest_error *err),
     (env, member, value, err), .env = env, (void)0, true, err)
CALL(lambdest_envelope_set_json,
     (lambdest_envelope * env, int member, const char *json, size_t len, lambdest_error *err),
     (env, member, json, len, err), .env = env, (void)0, true, err)
CALL(lambdest_envelope_copy_json,
     (lambdest_envelope * env, int member, const lambdest_envelope *from, int from_member,
      lambdest_error *err),
     (env, member, from, from_member, err), .env = env, (void)0, true, err)
CALL(lambdest_envelope_set_error,
     (lambdest_envelope * env, const char *type, size_t type_len, const char *message, size_t message_len,
      const lambdest_slice *frames, size_t frame_count, lambdest_error *err),
     (env, type, type_len, message, message_len, frames, frame_count, err), .env = env, (void)0, true, err)
CALL(lambdest_envelope_write_alloc,
     (const lambdest_envelope *env, int form, uint32_t flags, char **out, size_t *len, lambdest_error *err),
     (env, form, flags, out, len, err), .env = env, (POISON(out), POISON(len)), CLEARED(out) && CLEARED(len),
     err)
CALL(lambdest_envelope_value, (const lambdest_envelope *env, int member, json_t **out, lambdest_error *err),
     (env, member, out, err), .env = env, POISON(out), CLEARED(out), err)
CALL(lambdest_envelope_set_value,
     (lambdest_envelope * env, int member, const json_t *value, lambdest_error *err),
     (env, member, value, err), .env = env, (void)0, true, err)
CALL(lambdest_envelope_to_value,
     (const lambdest_envelope *env, int form, uint32_t flags, json_t **out, lambdest_error *err),
     (env, form, flags, out, err), .env = env, POISON(out), CLEARED(out), err)
CALL(lambdest_envelope_from_value,
     (const json_t *value, const lambdest_options *options, lambdest_envelope **out, lambdest_error *err),
     (value, options, out, err), .size = 0, POISON(out), CLEARED(out), err)
CALL(lambdest_envelope_conclude,
     (lambdest_envelope * env, const lambdest_decision *decision, int64_t timestamp_ms, lambdest_error *err),
     (env, decision, timestamp_ms, err), .env = env, (void)0, true, err)
CALL(lambdest_runtime_invocation,
     (const lambdest_header *headers, size_t header_count, const char *body, size_t body_len,
      const lambdest_options *options, lambdest_envelope **out, lambdest_error *err),
     (headers, header_count, body, body_len, options, out, err), .size = body_len, POISON(out), CLEARED(out),
     err)
CALL(lambdest_runtime_post, (lambdest_envelope * env, const lambdest_post *post, lambdest_error *err),
     (env, post, err), .env = env, (void)0, true, err)
CALL(lambdest_runtime_fault, (lambdest_envelope * env, int fault, int64_t detail, lambdest_error *err),
     (env, fault, detail, err), .env = env, (void)0, true, err)
CALL(lambdest_unwrap,
     (const char *text, size_t len, const lambdest_options *options, lambdest_items **out,
      lambdest_error *err),
     (text, len, options, out, err), .size = len, POISON(out), CLEARED(out), err)
CALL(lambdest_items_response, (const lambdest_items *items, char **out, size_t *len), (items, out, len),
     .items = items, (POISON(out), POISON(len)), CLEARED(out) && CLEARED(len), NULL)
CALL(lambdest_redrive, (const lambdest_envelope *env, char **out, size_t *len), (env, out, len), .env = env,
     (POISON(out), POISON(len)), CLEARED(out) && CLEARED(len), NULL)
CALL(lambdest_wrap,
     (int carrier, const lambdest_message *messages, size_t n, const lambdest_options *options, char **out,
      size_t *len, lambdest_error *err),
     (carrier, messages, n, options, out, len, err), .size = n * 1024, (POISON(out), POISON(len)),
     CLEARED(out) && CLEARED(len), err)
CALL(lambdest_router_new, (const lambdest_options *options, lambdest_router **out, lambdest_error *err),
     (options, out, err), .size = 0, POISON(out), CLEARED(out), err)
CALL(lambdest_router_add_sink,
     (lambdest_router * router, uint32_t when, const char *name, size_t name_len,
      const struct lambdest_sink *sink, lambdest_error *err),
     (router, when, name, name_len, sink, err), .router = router, (void)0, true, err)
CALL(lambdest_router_plan,
     (lambdest_router * router, const lambdest_envelope *env, int outcome, lambdest_plan **out,
      lambdest_error *err),
     (router, env, outcome, out, err), WATCH_BOTH, POISON(out), CLEARED(out), err)
CALL(lambdest_router_dispatch,
     (lambdest_router * router, const lambdest_envelope *env, int outcome, lambdest_plan **out,
      lambdest_error *err),
     (router, env, outcome, out, err), WATCH_BOTH, POISON(out), CLEARED(out), err)
CALL(lambdest_router_flush,
     (lambdest_router * router, int64_t deadline_ms, lambdest_plan **out, lambdest_error *err),
     (router, deadline_ms, out, err), .router = router, POISON(out), CLEARED(out), err)
CALL(lambdest_router_close,
     (lambdest_router * router, int64_t deadline_ms, lambdest_plan **out, lambdest_error *err),
     (router, deadline_ms, out, err), .router = router, POISON(out), CLEARED(out), err)
CALL(lambdest_memory_new, (const lambdest_options *options, lambdest_memory **out, lambdest_error *err),
     (options, out, err), .size = 0, POISON(out), CLEARED(out), err)
CALL(lambdest_stream_new,
     (int fd, const lambdest_options *options, lambdest_stream **out, lambdest_error *err),
     (fd, options, out, err), .size = 0, POISON(out), CLEARED(out), err)
CALL(lambdest_spool_open,
     (const char *directory, size_t len, const lambdest_options *options, lambdest_spool **out,
      lambdest_error *err),
     (directory, len, options, out, err), .size = 0, POISON(out), CLEARED(out), err)
CALL(lambdest_spool_list, (lambdest_spool * spool, size_t *n, lambdest_error *err), (spool, n, err),
     .spool = spool, POISON(n), CLEARED(n), err)
CALL(lambdest_spool_load,
     (lambdest_spool * spool, const char *name, size_t len, lambdest_envelope **out, lambdest_error *err),
     (spool, name, len, out, err), .spool = spool, POISON(out), CLEARED(out), err)
