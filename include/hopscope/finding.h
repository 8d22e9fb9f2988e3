/* finding: the catalogue of oddities (part of layer base). One row per code, once: the
 * enum, the texts and the database's finding_code table all come from it. */
#ifndef HOPSCOPE_FINDING_H
#define HOPSCOPE_FINDING_H

#include "hopscope/base.h"

enum severity {
    SEVERITY_UNKNOWN,
    SEVERITY_INFO,    /* unusual, allowed */
    SEVERITY_WARNING, /* a fault */
    SEVERITY_ATTACK,  /* a known attack's shape, or proof of desynchronisation */
};

/* code, name, usual severity, what a reader is told, where the rule stands, and what
 * the peers call it: Zeek's weird, Suricata's event. */
/* clang-format off */
#define FINDINGS(X) \
    X(NET_FRAGMENT_OVERLAP, "net_fragment_overlap", ATTACK, "IP fragments overlap with other bytes (in IPv6, at all)", "RFC 5722", "fragment_inconsistency", "ipv4.frag_overlap") \
    X(NET_FRAGMENT_TINY, "net_fragment_tiny", ATTACK, "the first IP fragment ended inside the TCP header; the datagram was refused", "RFC 1858", "excessively_small_fragment", "") \
    X(NET_LAYERS_EXCEEDED, "net_layers_exceeded", WARNING, "more tags, tunnels or extension headers than the caps", "", "exceeded_tunnel_max_depth", "too_many_layers") \
    X(NET_CHECKSUM_CONFLICT, "net_checksum_conflict", ATTACK, "a segment with a bad checksum was contradicted by a good copy of the same bytes", "RFC 9293 3.1", "bad_TCP_checksum", "") \
    X(TCP_TTL_CONFLICT, "tcp_ttl_conflict", ATTACK, "contradicting bytes came with another TTL than their sender's usual one", "", "", "") \
    X(TCP_SIMULTANEOUS_OPEN, "tcp_simultaneous_open", INFO, "two SYNs crossed, or the handshake was split", "RFC 9293 3.5", "simultaneous_open", "stream.4whs_synack_with_wrong_ack") \
    X(TCP_FLAGS_INVALID, "tcp_flags_invalid", WARNING, "flags that exclude each other, or none at all; the packet was ignored", "RFC 9293 3.10.7", "TCP_christmas, baroque_SYN", "stream.fin_syn") \
    X(TCP_URGENT_DATA, "tcp_urgent_data", INFO, "the urgent pointer was used; its byte is treated as in line", "RFC 6093", "", "stream.reassembly_urgent_oob_limit_reached") \
    X(TCP_STALLED_SMALL_WRITE, "tcp_stalled_small_write", INFO, "Nagle's algorithm waited for a delayed ACK between two small writes", "RFC 1122 4.2.3.2", "", "") \
    X(TCP_OVERLAP_CONFLICT, "tcp_overlap_conflict", ATTACK, "the same sequence range arrived with different bytes; the first were kept", "RFC 9293 3.10.7.4", "rexmit_inconsistency", "stream.reassembly_overlap_different_data") \
    X(TCP_RST_OUTSIDE_WINDOW, "tcp_rst_outside_window", ATTACK, "an RST that the receiver must ignore; the connection goes on", "RFC 5961 3", "", "stream.suspected_rst_inject") \
    X(TCP_DATA_AFTER_RST, "tcp_data_after_rst", WARNING, "payload from the side that had reset the connection", "RFC 9293 3.5.2", "data_after_reset", "") \
    X(TCP_DATA_OUTSIDE_WINDOW, "tcp_data_outside_window", ATTACK, "payload farther ahead than any window allows; dropped", "RFC 9293 3.4", "", "stream.est_packet_out_of_window") \
    X(TCP_SYN_DATA, "tcp_syn_data", INFO, "payload on a SYN or SYN-ACK (TCP Fast Open)", "RFC 7413", "SYN_with_data", "stream.3whs_synack_tfo_data_ignored") \
    X(TCP_PORT_REUSED, "tcp_port_reused", INFO, "the four-tuple was opened again within two minutes", "RFC 9293 3.6.1", "premature_connection_reuse, active_connection_reuse, SYN_after_close, SYN_after_reset", "stream.est_syn_resend_diff_seq") \
    X(TCP_GAP, "tcp_gap", WARNING, "bytes of the stream were never captured", "", "content_gap", "stream.reassembly_seq_gap") \
    X(LINE_LF, "line_lf", WARNING, "a line ended by LF alone", "RFC 9112 2.2", "line_terminated_with_single_LF", "") \
    X(LINE_CR, "line_cr", ATTACK, "a CR not followed by LF; it is never a line end", "RFC 9112 2.2", "line_terminated_with_single_CR", "") \
    X(LINE_LEADING_EMPTY, "line_leading_empty", INFO, "empty lines before a start line", "RFC 9112 2.2", "empty_http_request", "") \
    X(LINE_TOO_LONG, "line_too_long", WARNING, "a start line or field line longer than the cap", "RFC 9112 3", "contentline_size_exceeded", "http.request_field_too_long, http.response_field_too_long") \
    X(REQUEST_LINE_SPACING, "request_line_spacing", WARNING, "not exactly one space between the parts of a request line", "RFC 9112 3", "", "http.method_delim_non_compliant, http.request_line_leading_whitespace") \
    X(REQUEST_LINE_GARBAGE, "request_line_garbage", WARNING, "bytes where a request line should stand", "RFC 9112 3", "bad_HTTP_request, crud_trailing_HTTP_request, unexpected_client_HTTP_data", "http.request_line_invalid") \
    X(REQUEST_METHOD_INVALID, "request_method_invalid", WARNING, "the method is not a token", "RFC 9110 9.1", "bad_HTTP_request_with_version", "") \
    X(REQUEST_TARGET_INVALID, "request_target_invalid", WARNING, "control byte, space or non-ASCII byte in the target", "RFC 9112 3.2", "unescaped_special_URI_char, missing_HTTP_uri", "http.uri_delim_non_compliant") \
    X(REQUEST_TARGET_FORM, "request_target_form", WARNING, "the form of the target does not fit the method", "RFC 9112 3.2", "", "http.request_uri_host_invalid, http.invalid_authority_port") \
    X(VERSION_MISSING, "version_missing", INFO, "a request without a version (HTTP/0.9)", "RFC 1945 5", "invalid_http_09_request_method", "http.request_line_missing_protocol") \
    X(VERSION_INVALID, "version_invalid", WARNING, "the version is not HTTP/1.x", "RFC 9112 2.3", "bad_HTTP_version, lowercase_HTTP_keyword", "http.response_invalid_protocol") \
    X(STATUS_INVALID, "status_invalid", WARNING, "the status is not three digits from 100 to 599", "RFC 9112 4", "bad_HTTP_reply, HTTP_reply_code_missing", "http.response_invalid_status") \
    X(FIELD_NO_COLON, "field_no_colon", WARNING, "a field line without a colon", "RFC 9112 5", "", "http.request_field_missing_colon, http.response_field_missing_colon") \
    X(FIELD_NAME_EMPTY, "field_name_empty", WARNING, "a field line that begins with the colon", "RFC 9112 5", "", "http.request_header_invalid, http.response_header_invalid") \
    X(FIELD_NAME_INVALID, "field_name_invalid", WARNING, "the field name is not a token", "RFC 9112 5", "", "http.request_header_invalid, http.response_header_invalid") \
    X(FIELD_SPACE_BEFORE_COLON, "field_space_before_colon", ATTACK, "white space between field name and colon; the field is not used for framing", "RFC 9112 5.1", "", "http.request_header_invalid, http.response_header_invalid") \
    X(FIELD_FIRST_INDENTED, "field_first_indented", ATTACK, "white space before the first field", "RFC 9112 2.2", "", "http.invalid_request_field_folding, http.invalid_response_field_folding") \
    X(FIELD_FOLDED, "field_folded", WARNING, "a field value continued on the next line (obs-fold)", "RFC 9112 5.2", "HTTP_obsolete_line_folding", "http.invalid_request_field_folding, http.invalid_response_field_folding") \
    X(FIELD_VALUE_INVALID, "field_value_invalid", WARNING, "NUL, CR or another control byte in a field value", "RFC 9110 5.5", "NUL_in_line", "") \
    X(FIELDS_TOO_MANY, "fields_too_many", WARNING, "more than 256 fields", "RFC 9110 5.4", "", "http.request_too_many_headers, http.response_too_many_headers") \
    X(FIELDS_TOO_LARGE, "fields_too_large", WARNING, "a header section of more than 64 KiB", "RFC 9110 5.4", "", "http.request_field_too_long, http.response_field_too_long") \
    X(HOST_MISSING, "host_missing", WARNING, "an HTTP/1.1 request without Host", "RFC 9112 3.2", "", "http.missing_host_header") \
    X(HOST_REPEATED, "host_repeated", WARNING, "more than one Host field", "RFC 9112 3.2", "", "http.request_header_repetition") \
    X(HOST_INVALID, "host_invalid", WARNING, "a Host value that is no host", "RFC 9112 3.2", "", "http.request_header_host_invalid, http.invalid_server_port_in_request") \
    X(HOST_MISMATCH, "host_mismatch", WARNING, "the absolute target, or TLS behind CONNECT, names another host", "RFC 9112 3.2.2", "", "http.host_header_ambiguous") \
    X(LENGTH_WITH_CODING, "length_with_coding", ATTACK, "Content-Length beside Transfer-Encoding", "RFC 9112 6.3-3", "HTTP_content_length_and_chunked", "") \
    X(LENGTH_REPEATED, "length_repeated", WARNING, "Content-Length more than once, same value", "RFC 9110 8.6", "", "http.duplicate_content_length_field_in_request, http.duplicate_content_length_field_in_response") \
    X(LENGTH_CONFLICT, "length_conflict", ATTACK, "Content-Length more than once, different values", "RFC 9112 6.3-5", "", "http.duplicate_content_length_field_in_request, http.duplicate_content_length_field_in_response") \
    X(LENGTH_INVALID, "length_invalid", ATTACK, "a Content-Length that is no decimal number", "RFC 9110 8.6", "HTTP_bad_content_length", "http.invalid_content_length_field_in_request, http.invalid_content_length_field_in_response") \
    X(LENGTH_LEADING_ZEROS, "length_leading_zeros", INFO, "Content-Length with leading zeros", "RFC 9110 8.6", "HTTP_content_length_leading_zeros", "") \
    X(LENGTH_FORBIDDEN, "length_forbidden", WARNING, "Content-Length in a 1xx, a 204, or a 2xx to CONNECT", "RFC 9110 8.6", "", "") \
    X(CODING_FORBIDDEN, "coding_forbidden", WARNING, "Transfer-Encoding in a 1xx, a 204, or a 2xx to CONNECT", "RFC 9112 6.1", "", "") \
    X(CODING_NOT_FINAL, "coding_not_final", ATTACK, "chunked is not the last transfer coding", "RFC 9112 6.3-4", "HTTP_chunked_multi", "http.invalid_transfer_encoding_value_in_request, http.invalid_transfer_encoding_value_in_response") \
    X(CODING_UNKNOWN, "coding_unknown", WARNING, "a transfer coding that is not registered", "RFC 9112 7", "", "http.invalid_transfer_encoding_value_in_request, http.invalid_transfer_encoding_value_in_response") \
    X(CODING_OBFUSCATED, "coding_obfuscated", ATTACK, "something that resembles chunked or Transfer-Encoding and is neither", "RFC 9112 6.1", "", "http.invalid_transfer_encoding_value_in_request, http.response_abnormal_transfer_encoding") \
    X(CODING_REPEATED, "coding_repeated", ATTACK, "chunked twice, or several Transfer-Encoding lines", "RFC 9112 6.1", "", "http.invalid_transfer_encoding_value_in_request, http.response_abnormal_transfer_encoding") \
    X(CODING_HTTP10, "coding_http10", ATTACK, "Transfer-Encoding in HTTP/1.0", "RFC 9112 6.1", "", "http.response_chunked_old_proto") \
    X(CHUNK_SIZE_INVALID, "chunk_size_invalid", ATTACK, "a chunk size that is no hexadecimal number", "RFC 9112 7.1", "HTTP_bad_chunk_size", "http.invalid_request_chunk_len, http.invalid_response_chunk_len") \
    X(CHUNK_SIZE_OVERFLOW, "chunk_size_overflow", ATTACK, "a chunk size over 2^63", "RFC 9112 7.1", "HTTP_bad_chunk_size", "http.invalid_request_chunk_len, http.invalid_response_chunk_len") \
    X(CHUNK_EXTENSION, "chunk_extension", INFO, "a chunk extension, or white space in its place", "RFC 9112 7.1.1", "", "http.request_chunk_extension, http.response_chunk_extension") \
    X(CHUNK_LINE_LF, "chunk_line_lf", ATTACK, "LF alone in chunk framing", "RFC 9112 7.1", "", "") \
    X(CHUNK_DATA_OVERRUN, "chunk_data_overrun", ATTACK, "chunk data not followed by CRLF", "RFC 9112 7.1", "", "") \
    X(TRAILER_FORBIDDEN, "trailer_forbidden", WARNING, "a framing, routing or authentication field in a trailer", "RFC 9110 6.5.1", "", "") \
    X(BODY_UNEXPECTED, "body_unexpected", WARNING, "bytes after a response that by rule has no body", "RFC 9112 6.3-1", "unexpected_server_HTTP_data", "") \
    X(MESSAGE_CUT, "message_cut", WARNING, "the message ended before its framing says", "RFC 9112 8", "HTTP_overlapping_messages", "http.request_line_incomplete") \
    X(DESYNC_RESPONSE_UNASKED, "desync_response_unasked", ATTACK, "proof: a response with nothing outstanding", "RFC 9112 9.2", "unmatched_HTTP_reply, http_09_reply_before_request", "http.unable_to_match_response_to_request") \
    X(DESYNC_RESPONSE_EXTRA, "desync_response_extra", ATTACK, "proof: more final responses than requests, both sides fully seen", "RFC 9112 11.1", "HTTP_response_before_request", "http.unable_to_match_response_to_request") \
    X(DESYNC_HIDDEN_REQUEST, "desync_hidden_request", ATTACK, "proof: an answer to bytes that were inside a body or sent as optimistic data", "RFC 9112 11.2", "", "") \
    X(RESPONSE_SPLIT, "response_split", ATTACK, "a second response began in the segment that ended the first, before the server had a request for it", "RFC 9112 11.1", "", "") \
    X(RESPONSE_EARLY, "response_early", INFO, "the final response began before the request was complete", "RFC 9110 15.5", "", "") \
    X(INTERIM_HTTP10, "interim_http10", WARNING, "a 1xx response to an HTTP/1.0 client", "RFC 9110 15.2", "", "") \
    X(INTERIM_FLOOD, "interim_flood", WARNING, "over 16 interim responses to one request", "RFC 9110 15.2", "", "http.100_continue_already_seen") \
    X(PIPELINED_UNSAFE, "pipelined_unsafe", WARNING, "pipelined behind a method that is not idempotent", "RFC 9112 9.3.2", "", "") \
    X(IDLE_RACE, "idle_race", WARNING, "the server closed the idle connection while a request was on its way", "RFC 9112 9.5", "", "") \
    X(STALE_REUSE, "stale_reuse", WARNING, "the request on an idle connection was answered by RST; no FIN was seen", "RFC 9112 9.5", "", "") \
    X(LATE_REUSE, "late_reuse", WARNING, "a request was sent although the server's FIN had been acknowledged", "RFC 9112 9.5", "", "") \
    X(CLOSE_IGNORED, "close_ignored", WARNING, "a request was sent after `close` was known", "RFC 9112 9.6", "unexpected_multiple_HTTP_requests", "") \
    X(KEEPALIVE_BROKEN_PROMISE, "keepalive_broken_promise", WARNING, "the server closed the idle connection before its advertised timeout or max", "", "", "") \
    X(HOP_FIELD_UNLISTED, "hop_field_unlisted", WARNING, "a hop-by-hop field without its Connection option", "RFC 9110 7.6.1", "", "") \
    X(END_TO_END_LISTED, "end_to_end_listed", ATTACK, "Connection lists an end-to-end field, which a proxy then takes away", "RFC 9110 7.6.1", "", "") \
    X(REQUEST_SLOW, "request_slow", WARNING, "a header section open for over 10 s, or a body under 100 B/s for 10 s", "", "", "") \
    X(CONNECTION_UNUSED, "connection_unused", INFO, "the connection was closed without a request byte", "", "", "") \
    X(EXPECT_UNKNOWN, "expect_unknown", WARNING, "an expectation that is not 100-continue", "RFC 9110 10.1.1", "HTTP_expect_not_100_continue", "") \
    X(EXPECT_NO_BODY, "expect_no_body", WARNING, "100-continue is expected of a request without a body", "RFC 9110 10.1.1", "HTTP_content_length_0_and_expect_100_cont", "") \
    X(EXPECT_LATE_CONTINUE, "expect_late_continue", INFO, "a 100 was sent after the body had begun to arrive", "RFC 9110 10.1.1", "", "") \
    X(UPGRADE_UNSOLICITED, "upgrade_unsolicited", ATTACK, "a 101 that nobody asked for", "RFC 9110 7.8", "", "") \
    X(UPGRADE_UNOFFERED, "upgrade_unoffered", ATTACK, "a 101 to a protocol that was not offered", "RFC 9110 7.8", "", "") \
    X(UPGRADE_REQUIRED_BARE, "upgrade_required_bare", WARNING, "a 426 without Upgrade", "RFC 9110 15.5.22", "", "") \
    X(OPTIMISTIC_DATA, "optimistic_data", INFO, "bytes of the next protocol before the transition was known", "RFC 9931 4", "", "") \
    X(OPTIMISTIC_REFUSED, "optimistic_refused", WARNING, "bytes of the next protocol were sent ahead, and the transition was refused", "RFC 9931 4", "", "") \
    X(OPTIMISTIC_ANSWERED, "optimistic_answered", ATTACK, "bytes of a protocol that was refused were answered as HTTP", "RFC 9931 4.1", "", "") \
    X(CONNECT_KEPT_OPEN, "connect_kept_open", ATTACK, "the connection went on after a refused CONNECT with optimistic data", "RFC 9931 8", "", "") \
    X(CONNECT_WITH_BODY, "connect_with_body", WARNING, "a 2xx to CONNECT with Content-Length or Transfer-Encoding", "RFC 9110 9.3.6", "", "") \
    X(WS_ACCEPT_WRONG, "ws_accept_wrong", ATTACK, "Sec-WebSocket-Accept does not match the key", "RFC 6455 4.2.2", "", "") \
    X(WS_MASK_WRONG, "ws_mask_wrong", WARNING, "an unmasked frame of the client, or a masked one of the server", "RFC 6455 5.1", "", "") \
    X(WS_FRAME_INVALID, "ws_frame_invalid", WARNING, "a frame that RFC 6455 forbids: opcode, bits, length, order or close code", "RFC 6455 5", "", "") \
    X(WS_NO_CLOSE, "ws_no_close", INFO, "the connection ended without a Close frame (1006)", "RFC 6455 7.1.5", "", "")
/* clang-format on */

#define FINDING_ENUM(code, name, severity, title, reference, zeek, suricata) \
    FINDING_##code,
enum finding_code { FINDINGS(FINDING_ENUM) FINDING_CODE_COUNT };
#undef FINDING_ENUM

struct finding_description {
    const char *name;
    enum severity severity;
    const char *title, *reference, *zeek, *suricata; /* "" where there is none */
};

/* Static; never NULL for a code of the enum. */
const struct finding_description *finding_describe(enum finding_code code);
const char *severity_name(enum severity severity); /* "info", "warning", "attack" */

enum {
    FINDING_ROWS_MAX = 64,     /* kept per connection; the rest are counted */
    FINDING_ROWS_PER_CODE = 8, /* of one code */
    FINDING_EVIDENCE_MAX = 64,
};

/* One oddity, where it was seen. */
struct finding {
    enum finding_code code;
    enum severity severity;
    uint8_t side; /* enum side of stream.h */
    bool is_told; /* live: its record has gone out before its connection's */
    uint8_t evidence_length;
    uint8_t evidence[FINDING_EVIDENCE_MAX];
    uint32_t ordinal; /* exchange that holds the offset; 0: none (yet) */
    uint64_t ref;     /* packet */
    uint64_t offset;  /* in that side's stream */
    int64_t captured_ns;
};

/* A connection's findings: bounded rows and a full count. */
struct finding_list {
    uint32_t count; /* rows kept */
    uint32_t total; /* noted, kept or not */
    uint32_t told;  /* rows whose records have gone out */
    uint32_t capacity;
    uint8_t per_code[FINDING_CODE_COUNT];
    struct finding *rows;
    struct finding first; /* most lists end here: `rows` is this one until a second */
};

/* Keeps a copy of `finding` unless a cap is reached; counts it in any case. `*list` is
 * made at the first finding. SEVERITY_UNKNOWN takes the catalogue's. Returns whether it
 * was kept. */
bool finding_list_add(struct finding_list **list, const struct finding *finding);
void finding_list_free(struct finding_list *list); /* NULL is allowed */

#endif
