// Loads a packaged app with the assemblies beside it, and prints the names of its functions, one on each line.
// `package.sh` and `package.ps1` build this file and run it with the frameworks of the app.
// The argument is the path of the app's assembly.

#:property PublishAot=false
#:property UseAppHost=false

using System.Reflection;
using System.Runtime.Loader;

var path = Path.GetFullPath(args[0]);
var packages = new AssemblyDependencyResolver(path);
var context = new AssemblyLoadContext("app");
context.Resolving += (_, name) =>
    packages.ResolveAssemblyToPath(name) is { } file ? context.LoadFromAssemblyPath(file) : null;

try
{
    var app = context.LoadFromAssemblyPath(path);
    foreach (var reference in app.GetReferencedAssemblies())
    {
        context.LoadFromAssemblyName(reference);
    }

    var functions =
        from method in app.GetTypes().SelectMany(type => type.GetMethods())
        from attribute in method.GetCustomAttributesData()
        where attribute.AttributeType.FullName == "Microsoft.Azure.Functions.Worker.FunctionAttribute"
        select attribute.ConstructorArguments[0].Value as string;
    foreach (var name in functions.Order(StringComparer.Ordinal))
    {
        Console.WriteLine(name);
    }

    return 0;
}
catch (Exception error) when (error is IOException or BadImageFormatException or ReflectionTypeLoadException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
