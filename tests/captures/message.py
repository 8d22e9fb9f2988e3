"""What both sides of the comparison are made of."""
import collections
import ipaddress

# A request or a final response: the packet, the stream (a connection's id, or tshark's
# stream number), `what` = "request GET /" or "response 200".
Message = collections.namedtuple("Message", "packet stream is_request what")

# endpoints: the two "address port" as a frozen set; method, target, status: None where
# there is none; packet: of its first byte, None in Suricata's.
Transaction = collections.namedtuple("Transaction", "endpoints method target status packet")

# The peers' lists are cut to this many characters.
TARGET_MAX = 200


def request(method, target):
    return f"request {shown(method)} {shown(target)}"


def response(status):
    return f"response {shown(status)}"


def shown(text):
    """One printable word or more: control and foreign bytes are escaped, the end cut."""
    if text is None:
        return "-"
    text = str(text)[:TARGET_MAX]
    return "".join(c if c.isprintable() and c != "\\" else
                   repr(c.encode("utf-8", "surrogateescape"))[2:-1] for c in text)


def endpoint(address, port):
    """Suricata writes IPv6 in full, hopscope shortens it."""
    return f"{ipaddress.ip_address(address)} {port}"
