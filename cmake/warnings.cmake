# Every warning that house.md asks for is an error: main always builds without any.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
