#include "programs/log_file.hpp"

#include <fcntl.h>

#include <system_error>
#include <utility>

#include "base/file.hpp"

namespace mox::programs {

LogFile::LogFile(const std::filesystem::path& path, Log& log) : path_(path) {
    std::error_code ignored;  // then the file cannot be opened either, and that is said
    std::filesystem::create_directories(path.parent_path(), ignored);
    auto file = open_file(path, O_WRONLY | O_CREAT | O_APPEND, ErrorKind::internal);
    if (!file) {
        log.warning("the log is on the console only: " + file.error().describe());
        return;
    }
    file_ = std::move(*file);
    log.add_listener([this](const LogLine& line) {
        if (file_ && !write_all(file_.get(), to_text(line) + "\n", path_.native(), ErrorKind::internal))
            file_.reset();  // no room left in memory: the console has it still
    });
}

}  // namespace mox::programs
