#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/archive_model.hpp"

namespace mox::test_support {

/// The dialects of tar, with which the same member is written in different ways.
enum class TarForm {
    v7,     ///< before 1988: no magic, no prefix; what does not fit is written as in pax
    ustar,  ///< long paths split into prefix and name; what does not fit is written as in pax
    gnu,    ///< long names in members of their own, large numbers in base 256
    pax     ///< everything that may be in a record is in one
};

enum class SparseForm { none, old_gnu, pax_0_0, pax_0_1, pax_1_0 };

/// One member as it is written. Nothing is checked.
struct FormedMember {
    std::string path;
    char type = '0';
    std::string link = {};
    ModelNode node = {};
    TarForm form = TarForm::pax;
    SparseForm sparse = SparseForm::none;
    /// pax records in front ("SCHILY.xattr.user.x"), in this order.
    std::vector<std::pair<std::string, std::string>> records = {};
};

/// The header blocks and the content of one member.
[[nodiscard]] std::string formed(const FormedMember& member);

/// One pax record: "LENGTH KEY=VALUE\n".
[[nodiscard]] std::string pax_record(std::string_view key, std::string_view value);

/// A pax header of type 'x' or 'g' that holds `records`.
[[nodiscard]] std::string pax_header(char type, std::string_view records);

[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace mox::test_support
