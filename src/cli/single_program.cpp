// An executable with one program. CMake sets MOX_MAIN to its main function (main_functions.hpp).

#include "cli/main_functions.hpp"

int main(int argc, char** argv) {
    return mox::cli::MOX_MAIN(argc, argv);
}
