"""expected.jsonl: what tshark and Suricata say, made comparable.

Two differences are systematic and are taken out here, not in the table:
- tshark counts interim responses as responses. SEMANTICS 3: they consume no request and
  are kept as a count, so 1xx other than 101 go.
- Suricata gives a response that nobody asked for an invented URI and an unknown method;
  here it has neither method nor target.
"""
import collections
import json

from message import Message, Transaction, endpoint, request, response, shown

Expected = collections.namedtuple("Expected", "file packets is_damaged tshark suricata")
# is_cut: the list holds only the messages up to last_packet; the counts are of all.
Tshark = collections.namedtuple(
    "Tshark", "request_count response_count stream_count messages is_cut last_packet")
Suricata = collections.namedtuple("Suricata", "transaction_count transactions is_cut")

URI_NOT_SEEN = "/libhtp::request_uri_not_seen"


def is_final(status):
    return status == "101" or not (len(status) == 3 and status[0] == "1")


def tshark_of(row):
    messages, interims = [], 0
    for packet, stream, direction, *words in row["messages"]:
        if direction == ">":
            messages.append(Message(packet, stream, True, request(*words)))
        elif is_final(words[0]):
            messages.append(Message(packet, stream, False, response(words[0])))
        else:
            interims += 1
    return Tshark(
        row["requests"], row["responses"] - interims, row["streams"], messages,
        len(messages) + interims < row["requests"] + row["responses"],
        max((m.packet for m in messages), default=0))


def suricata_of(row):
    transactions = []
    for flow, method, uri, status in row["list"]:
        ends = [endpoint(*end.rsplit(":", 1)) for end in flow.split(">")]
        if method is None and uri in (URI_NOT_SEEN, ""):
            uri = None
        transactions.append(Transaction(
            frozenset(ends), method, None if uri is None else shown(uri), status, None))
    return Suricata(row["transactions"], transactions,
                    len(transactions) < row["transactions"])


def load(path):
    for line in path.open():
        row = json.loads(line)
        yield Expected(
            row["file"], row["packets"], "file-error" in row["features"],
            tshark_of(row["tshark"]),
            suricata_of(row["suricata"]) if row.get("suricata") else None)
