#include "console/print_error.hpp"

#include <iostream>

namespace mox::console {

void print_error(std::string_view program, const Error& error) {
    std::cerr << program << ": " << error.headline() << "\n";
    if (!error.hint().empty()) std::cerr << program << ": hint: " << error.hint() << "\n";
}

}  // namespace mox::console
