#include "cli/net.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

static bool part_is(CURLU *u, CURLUPart part, const char *a, const char *b)
{
    char *text = NULL;
    const bool got = curl_url_get(u, part, &text, 0) == CURLUE_OK;
    const bool is = got && (strcmp(text, a) == 0 || strcmp(text, b) == 0);
    curl_free(text);
    return is;
}

static bool has_part(CURLU *u, CURLUPart part)
{
    char *text = NULL;
    const bool has = curl_url_get(u, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

bool net_url_good(const char *url)
{
    CURLU *u = curl_url();
    const bool good = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
                      part_is(u, CURLUPART_SCHEME, "http", "https") &&
                      !has_part(u, CURLUPART_USER) && !has_part(u, CURLUPART_PASSWORD) &&
                      !has_part(u, CURLUPART_QUERY) && !has_part(u, CURLUPART_FRAGMENT);
    curl_url_cleanup(u);
    return good;
}

enum err net_url_resolve(const char *base, const char *link, char **out)
{
    CURLU *u = curl_url();
    char *text = NULL;
    enum err e = ERR_INVALID;
    if (u != NULL && curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK &&
        curl_url_set(u, CURLUPART_URL, link, 0) == CURLUE_OK &&
        part_is(u, CURLUPART_SCHEME, "http", "https") &&
        curl_url_get(u, CURLUPART_URL, &text, 0) == CURLUE_OK) {
        *out = strdup(text);
        e = *out != NULL ? ERR_OK : ERR_NOMEM;
    }
    curl_free(text);
    curl_url_cleanup(u);
    return e;
}

int64_t net_date_s(const char *text)
{
    return text[0] != '\0' ? (int64_t)curl_getdate(text, NULL) : -1;
}
