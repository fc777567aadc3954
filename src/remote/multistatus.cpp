#include "remote/multistatus.hpp"

#include <expat.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "remote/address.hpp"

namespace mox::remote {

namespace {

constexpr auto kind = ErrorKind::network;
constexpr char separator = '\n';  // between namespace and name: in neither of them
/// Of one element that is read; a URL with an encoded name of 255 bytes and its directory is shorter.
constexpr std::size_t longest_text = 8192;
constexpr int deepest = 64;
constexpr std::size_t bytes_at_once = 1 << 20;

std::string without_end_slash(std::string path) {
    while (path.ends_with('/')) path.pop_back();
    return path;
}

/// The path of an href: a URL or an absolute path (RFC 4918, 8.3), decoded.
std::string path_of(std::string_view href) {
    if (const auto scheme = href.find("://"); scheme != std::string_view::npos && !href.starts_with('/')) {
        const auto path = href.find('/', scheme + 3);
        href = path == std::string_view::npos ? std::string_view() : href.substr(path);
    }
    return decoded_path(href);
}

}  // namespace

class MultistatusReader::Parser {
public:
    explicit Parser(std::string directory)
        : directory_(without_end_slash(std::move(directory))),
          expat_(XML_ParserCreateNS(nullptr, separator)) {
        if (!expat_) return;
        XML_SetUserData(expat_.get(), this);
        XML_SetElementHandler(expat_.get(), &Parser::on_start, &Parser::on_end);
        XML_SetCharacterDataHandler(expat_.get(), &Parser::on_text);
        XML_SetStartDoctypeDeclHandler(expat_.get(), &Parser::on_doctype);
    }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    ~Parser() = default;

    Expected<void> add(std::string_view text, bool is_last) {
        if (!expat_) return fail(ErrorKind::internal, "the XML parser does not start");
        do {
            const auto part = text.substr(0, bytes_at_once);
            text.remove_prefix(part.size());
            const bool ends = is_last && text.empty();
            const auto status =
                XML_Parse(expat_.get(), part.data(), static_cast<int>(part.size()), ends ? 1 : 0);
            if (!flaw_.empty()) return fail(kind, "the answer of the server cannot be used: " + flaw_);
            if (status != XML_STATUS_OK)
                return fail(kind, "the answer of the server is not XML: " +
                                      std::string(XML_ErrorString(XML_GetErrorCode(expat_.get()))));
        } while (!text.empty());
        return {};
    }

    Expected<std::vector<RemoteFile>> finish() {
        TRY(add({}, true));
        if (!is_multistatus_) return fail(kind, "the answer of the server is not a list of files");
        return std::move(files_);
    }

private:
    struct Closer {
        void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
    };

    /// The name of an element of "DAV:"; empty for others.
    static std::string_view dav_name(const char* name) {
        constexpr std::string_view dav = "DAV:\n";
        const std::string_view whole(name);
        return whole.starts_with(dav) ? whole.substr(dav.size()) : std::string_view();
    }

    static void on_start(void* self, const char* name, const char**) {
        static_cast<Parser*>(self)->start(dav_name(name));
    }
    static void on_end(void* self, const char* name) { static_cast<Parser*>(self)->end(dav_name(name)); }
    static void on_text(void* self, const char* bytes, int length) {
        auto& parser = *static_cast<Parser*>(self);
        if (!parser.takes_text_ || parser.is_stopped()) return;
        parser.text_.append(bytes, static_cast<std::size_t>(length));
        if (parser.text_.size() > longest_text) parser.stop("an element is too long");
    }
    static void on_doctype(void* self, const char*, const char*, const char*, int) {
        static_cast<Parser*>(self)->stop("it has a document type");
    }

    [[nodiscard]] bool is_stopped() const { return !flaw_.empty(); }

    void stop(std::string flaw) {
        flaw_ = std::move(flaw);
        XML_StopParser(expat_.get(), XML_FALSE);
    }

    void start(std::string_view name) {
        if (is_stopped()) return;
        if (++depth_ > deepest) return stop("its elements are nested too deeply");
        if (depth_ == 1) is_multistatus_ = name == "multistatus";
        if (name == "response" && depth_ == 2) response_ = {};
        if (name == "collection") response_.is_directory = true;
        takes_text_ = name == "href" || name == "getcontentlength";
        text_.clear();
    }

    void end(std::string_view name) {
        if (is_stopped()) return;
        // The href of the response itself; properties may hold others.
        if (name == "href" && depth_ == 3) response_.href = trimmed(text_, " \t\r\n");
        if (name == "getcontentlength")
            if (const auto size = whole_number<std::uint64_t>(trimmed(text_, " \t\r\n")))
                response_.size = Bytes{*size};
        if (name == "response" && depth_ == 2) take_response();
        takes_text_ = false;
        --depth_;
    }

    void take_response() {
        if (!is_multistatus_ || response_.is_directory) return;
        const auto path = path_of(response_.href);
        const auto slash = path.rfind('/');
        if (slash == std::string::npos || path.substr(0, slash) != directory_) return;
        auto name = path.substr(slash + 1);
        if (!is_plain_name(name)) return;
        if (files_.size() == most_files) return stop("the directory holds too many files");
        files_.push_back({std::move(name), response_.size});
    }

    struct Response {
        std::string href;
        std::optional<Bytes> size;
        bool is_directory = false;
    };

    std::string directory_;
    std::unique_ptr<XML_ParserStruct, Closer> expat_;
    int depth_ = 0;
    bool is_multistatus_ = false;
    bool takes_text_ = false;
    std::string text_;
    std::string flaw_;
    Response response_;
    std::vector<RemoteFile> files_;
};

MultistatusReader::MultistatusReader(std::string directory)
    : parser_(std::make_unique<Parser>(std::move(directory))) {}
MultistatusReader::MultistatusReader(MultistatusReader&& other) noexcept = default;
MultistatusReader::~MultistatusReader() = default;

Expected<void> MultistatusReader::add(std::string_view text) {
    return text.empty() ? Expected<void>() : parser_->add(text, false);
}

Expected<std::vector<RemoteFile>> MultistatusReader::finish() {
    return parser_->finish();
}

}  // namespace mox::remote
