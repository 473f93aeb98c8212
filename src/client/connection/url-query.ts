/**
 * The query of a URL. Paths keep their slashes. A space is `%20` and a plus sign is `%2B`, because some clients read
 * "+" as a space, such as pgjdbc with `URLDecoder`.
 */
export function urlQuery(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%2F', '/')}`)
    .join('&');
}
