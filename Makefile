# A few words, each one line of the builder in xtask/.
# They install what they need and do nothing that is done already.
.PHONY: help run test build dev bench book pictures

help:
	@sed -n 's/^\([a-z]*\): *## */  make \1	/p' Makefile

run: ## builds the release and starts it
	@cargo xtask run

test: ## runs every check and test, as CI does
	@cargo xtask test

build: ## builds target/release/doorward, the dashboard inside
	@cargo xtask build

dev: ## a debug build, made and started again after each change
	@cargo xtask dev

bench: ## measures the whole server
	@cargo xtask bench

book: ## builds the book of docs/ into target/book
	@cargo xtask book

pictures: ## takes the pictures of the book anew, by the browser suite
	@cargo xtask pictures
