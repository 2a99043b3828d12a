"""The demo: a generated app on the in-memory host, in real time, with a page that shows it.

| Module | Concern |
| --- | --- |
| `__main__` | the command line of `make demo` |
| `projects` | generates a project and installs what it needs, once |
| `live` | the host in real time, with a worker that can be killed |
| `timelines` | what happened to an instance, as rows and bars |
| `server` | the app's routes, the management API, the commands of the demo and its page |
| `page/` | the page: HTML, CSS and JavaScript without a build step |
| `pictures` | screenshots and the SVG of the terminal, from a real run |
"""
