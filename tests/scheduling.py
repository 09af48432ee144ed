"""How pytest-xdist shares the tests between workers."""

from xdist.scheduler import LoadGroupScheduling


class GroupScheduling(LoadGroupScheduling):
    """Groups stay together, and the others go on where a worker died.

    pytest-xdist 3.8 hands on the groups that the worker had finished as well. A worker
    that gets one of them has nothing to do, reports nothing, and is sent nothing more:
    the run hangs. It also runs the test again that the worker died of. The worker in
    its place gets one group, and begins a test when it knows the next one: with a group
    of one test it would wait until all others have ended.
    """

    def schedule(self):
        super().schedule()
        for node in self.nodes:
            self._reschedule(node)

    def remove_node(self, node):
        groups = self.assigned_work[node]
        pending = ((tests, name) for tests in groups.values() for name in tests)
        died_of = None
        for tests, name in pending:
            if not tests[name]:
                tests[name], died_of = True, name
                break
        self.assigned_work[node] = {
            group: tests for group, tests in groups.items() if not all(tests.values())
        }
        super().remove_node(node)
        return died_of
