"""Compares one connection's rows with what the model says of them."""
from conversation import CLIENT, SERVER
from model import CUT, LOST

ALLOWED_FINDINGS = {"pipelined_unsafe"}


def compare_rows(what, expected, row):
    return [f"{what}: {k}={row[k]!r}, not {v!r}" for k, v in expected.items()
            if row[k] != v]


def index_of(target, name):
    """The exchange that a target belongs to; None: there is none."""
    parts = target.split("?")[0].split("/")
    is_one = len(parts) == 3 and parts[1] == name and parts[2].isdigit()
    return int(parts[2]) if is_one else None


class Verdict:
    def __init__(self, expected, name, accounts):
        self.e, self.name, self.accounts = expected, name, accounts
        self.faults = []

    def compare(self):
        if len(self.accounts) != 1:
            if self.e.packets:
                self.faults.append(f"connections: {len(self.accounts)}, not 1")
            return self.faults
        account = self.accounts[0]
        self.compare_connection(account)
        sure = self.e.count_sure()
        for i in range(min(sure, len(account.exchanges))):
            self.faults += compare_rows(f"exchange {i + 1}", self.e.exchange_row(i),
                                        account.exchanges[i])
        if len(account.exchanges) < sure:
            self.faults.append(f"exchanges: {len(account.exchanges)}, {sure} are sure")
        self.compare_truth(account)
        self.compare_known(account)
        if self.e.is_whole:
            self.compare_findings(account)
        return self.faults

    def compare_connection(self, account):
        row = account.row
        self.faults += compare_rows("connection", self.e.connection_row(), row)
        for m, side in zip(self.e.maps, ("client", "server")):
            if self.e.is_sure and row[f"{side}_gaps"] < len(m.missing) and m.has_end():
                self.faults.append(f"connection: {side}_gaps={row[f'{side}_gaps']}, not "
                                   f"{len(m.missing)} or more")
            found = row[f"{side}_overlap_conflicts"]
            if m.sure_conflicts and not found and self.e.is_sure:
                self.faults.append(f"connection: {side}_overlap_conflicts=0, not "
                                   f"{m.sure_conflicts} or more")
            if self.e.is_sure and m.differing == 0 and found:
                self.faults.append(f"connection: {side}_overlap_conflicts={found}")

    def compare_truth(self, account):
        """Nothing is invented, nothing twice, no pair is shifted in silence."""
        exchanges = self.e.c.exchanges
        by_status = {e.response.status: e.index for e in exchanges}
        last, answered = -1, set()
        for row in account.exchanges:
            what = f"row {row['ordinal']} ({row['target']} {row['status']})"
            request = response = None
            if row["target"] is not None:
                request = index_of(row["target"], self.name)
                if request is None or request >= len(exchanges) or \
                        exchanges[request].target != row["target"] or \
                        exchanges[request].method != row["method"]:
                    self.judge_unknown_target(what, row)
                    continue
            if row["status"] is not None:
                response = by_status.get(row["status"])
                if response is None:
                    if row["status"] != 103:
                        self.faults.append(f"{what}: invented response")
                    continue
                if row["server"] and not row["server"].startswith(f"srv{response}-"):
                    self.faults.append(f"{what}: Server of another: {row['server']}")
            if request is not None and request <= last or response in answered:
                self.faults.append(f"{what}: out of order, or twice")
            last = last if request is None else request
            answered |= {response} - {None}
            if request is not None and response is not None and request != response:
                self.judge_shifted(what, row, request, response)
            if request in (response, None) or response is None:
                self.compare_completeness(what, row, request, response)

    def judge_shifted(self, what, row, request, response):
        confidence = row["pair_confidence"]
        is_known = confidence != "inferred" or \
            not self.e.looks_sequential(request, response)
        if confidence != "ambiguous" and is_known:
            self.faults.append(f"{what}: shifted pair, called {confidence}")

    def judge_unknown_target(self, what, row):
        is_part = any(e.target.startswith(row["target"]) for e in self.e.c.exchanges)
        if row["request_complete"] or not is_part:
            self.faults.append(f"{what}: invented request")

    def compare_completeness(self, what, row, request, response):
        for side, index, name in ((CLIENT, request, "request"),
                                  (SERVER, response, "response")):
            if index is None or not row[f"{name}_complete"]:
                continue
            e = self.e.c.exchanges[index]
            message = e.response if side else e.request
            m = self.e.maps[side]
            if message.end > m.known_end + 1 and message.framing != "close":
                self.faults.append(f"{what}: {name} complete, but it was cut")
            missing = sum(b - a for a, b in m.missing_in(message.head_end, message.end))
            if missing and not row[f"{name}_missing_bytes"]:
                self.faults.append(f"{what}: {name} complete, but {missing} are missing")

    def compare_known(self, account):
        """What was captured whole is there, wherever it can be known."""
        if self.e.is_late:
            return
        by_target = {r["target"]: r for r in account.exchanges}
        by_status = {r["status"]: r for r in account.exchanges}
        for e, request, response in zip(self.e.c.exchanges, *self.e.fates):
            is_asked, is_answered = request not in (LOST, CUT), response not in (LOST, CUT)
            what = f"/{e.index} {e.response.status}"
            row = by_target.get(e.target)
            if is_asked and row is None:
                self.faults.append(f"{what}: request {request}, not reported")
            if is_answered and e.response.status not in by_status:
                self.faults.append(f"{what}: response {response}, not reported")
            if is_asked and is_answered and row and self.e.is_in_turn \
                    and row["status"] != e.response.status:
                self.faults.append(f"{what}: not paired: {row['status']} "
                                   f"{row['state']} {row['pair_confidence']}")

    def compare_findings(self, account):
        allowed = set(ALLOWED_FINDINGS)
        if any(m.differing for m in self.e.maps):
            allowed |= {"tcp_overlap_conflict", "tcp_ttl_conflict"}
        if any(m.is_after_reset for m in self.e.maps):
            allowed.add("tcp_data_after_rst")
        for severity, code in sorted(set(account.findings)):
            if severity != "info" and code not in allowed:
                self.faults.append(f"finding: {severity} {code}")
