# Thin names for `python3 dev.py WORD`; arguments go in ARGS, for example: make test ARGS="tests/unit -k zone"
WORDS := up test check e2e bench long mutants seed manage servers stop reset lock screens

.PHONY: $(WORDS) run
$(WORDS):
	@python3 dev.py $@ $(ARGS)

run: up
