"""The pages in a real browser. `ARKHIV_TEST_BROWSER` names it; what the tests need besides is in package.json."""
