"""The emulator makes a transaction once for each token of a client, as DynamoDB does (TransactWriteItems).

By itself it forgets the token: who repeats a call whose answer was late would be told of a conflict, with
itself.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from moto.core.responses import ActionResult
from moto.dynamodb.responses import DynamoHandler

# Of so many transactions it is known that they were made: more than any client repeats late.
_MOST = 1_000
_made: OrderedDict[str, ActionResult] = OrderedDict()
_one_at_a_time = threading.Lock()
_make = DynamoHandler.transact_write_items


def _once(handler: DynamoHandler) -> ActionResult:
    token = str(handler.body.get("ClientRequestToken", ""))
    with _one_at_a_time:
        if token in _made:
            return _made[token]
        answer = _make(handler)
        if token:
            _made[token] = answer
        if len(_made) > _MOST:
            _made.popitem(last=False)
        return answer


def write_once() -> None:
    """Have the emulator of this process make each transaction once."""
    DynamoHandler.transact_write_items = _once  # type: ignore[method-assign, assignment]  # moto has no setting for it
