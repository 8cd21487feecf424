"""Do the tests notice? Small changes to the rules and the ledger, one at a time; each must make a test fail.

`make mutants` tries all of app/rules and app/ledger, `make mutants ARGS='app/rules/factors.py'` one file,
`ARGS='--sample 200 --seed 7 app/rules'` so many chosen by chance. Only tests that run the changed line are run, those
first that are quick for how often they noticed, on SQLite, for `--enough` seconds. `--out` keeps the results, `--again`
takes up what survived in them; the short way is `--quick --tests tests/rules` first. It ends with what survived: a
missing test, or a change that changes nothing.

changes    what is changed: comparisons, boolean and arithmetic operators, numbers ± 1, returns, statements
running    pytest is started and collects once; each change is tried in a fork of it, in the running functions' code
importing  changes outside of functions (constants, defaults, models) need fresh imports: a fork from before them
"""
